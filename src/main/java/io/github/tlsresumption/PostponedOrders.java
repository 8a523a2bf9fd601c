package io.github.tlsresumption;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import io.github.tlsresumption.resumption.ForgetOrder;
import io.github.tlsresumption.resumption.Forgetting;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is to be forgotten as soon as the stores of a scope can be used. There are too many to remember at some time: then it is everyone,
 * rather too much than too little. Thread-safe.
 */
final class PostponedOrders
{
    static final int MOST = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(Scope.class);

    private final List<ForgetOrder> orders = new ArrayList<>();

    /**
     * @param order to be given later
     * @return whether it is the first
     */
    synchronized boolean add(ForgetOrder order)
    {
        if (orders.size() == MOST)
        {
            orders.clear();
            orders.add(Forgetting::forgetEveryone);
            return false;
        }
        orders.add(order);
        return orders.size() == 1;
    }

    synchronized int count()
    {
        return orders.size();
    }

    synchronized void clear()
    {
        orders.clear();
    }

    /**
     * @param forgetting that of stores in use, which keeps what others have not been told yet
     */
    synchronized void giveAllTo(Forgetting forgetting)
    {
        for (ForgetOrder order : orders)
        {
            try
            {
                order.giveTo(forgetting);
            }
            catch (IOException e)
            {
                LOG.debug("others are told later", e);
            }
            catch (RuntimeException e)
            {
                LOG.warn("An order to forget could not be carried out: drop the ticket keys", e);
            }
        }
        orders.clear();
    }
}

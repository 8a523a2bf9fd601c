package io.github.tlsresumption.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

import io.github.tlsresumption.cli.Examination.Trial;
import io.github.tlsresumption.cli.tls.ClientSession;
import io.github.tlsresumption.cli.tls.Offer;
import io.github.tlsresumption.cli.tls.Outcome;
import io.github.tlsresumption.json.JsonObject;

/**
 * Connects to nodes under the name of the host, and counts what it offers them.
 */
final class Prober
{
    private final Optional<String> host;
    private final boolean requests;
    private final Duration patience;
    private final Client client;
    private final Set<Node> mute = new HashSet<>();
    private Counts counts = new Counts(0, 0, 0);

    /**
     * Makes one connection.
     */
    @FunctionalInterface
    interface Client
    {
        Outcome connect(InetSocketAddress address, Offer offer, Optional<String> request, Duration patience) throws IOException;
    }

    /**
     * What servers were offered, since they count it.
     *
     * @param connections all of them
     * @param otherHosts those that offered a session for another host than its own, or for none
     * @param tampered those that offered a ticket with a bit changed
     */
    record Counts(int connections, int otherHosts, int tampered)
    {
        JsonObject json()
        {
            return new JsonObject().with("connections", connections).with("otherHost", otherHosts).with("tampered", tampered);
        }
    }

    /**
     * @param host the name to use in place of the nodes' own
     * @param requests whether to send a request, with whose answer some servers give tickets
     * @param patience for each answer
     * @param client connects
     */
    Prober(Optional<String> host, boolean requests, Duration patience, Client client)
    {
        this.host = host;
        this.requests = requests;
        this.patience = patience;
        this.client = client;
    }

    Outcome connect(Node node, Offer offer) throws IOException
    {
        String named = offer.serverName().or(() -> serverName(node)).orElse(node.host());
        boolean asks = asks(node);
        boolean own = offer.serverName().equals(serverName(node));
        boolean elsewhere = offer.session().isPresent() && !own;
        counts = new Counts(counts.connections + 1, counts.otherHosts + (elsewhere ? 1 : 0), counts.tampered);
        Outcome outcome = client.connect(node.address(), offer, asks ? Optional.of(named) : Optional.empty(), patience);
        if (asks && own && !outcome.answered())
        {
            // It speaks something else: no use in waiting for an answer thirty times.
            mute.add(node);
        }
        return outcome;
    }

    /**
     * @return whether the node gets requests, and so answers
     */
    boolean asks(Node node)
    {
        return requests && !mute.contains(node);
    }

    /**
     * @return what becomes of the session that is offered
     */
    Trial trial(Node node, Offer offer)
    {
        try
        {
            return connect(node, offer).resumed() ? Trial.RESUMED : Trial.FULL;
        }
        catch (IOException e)
        {
            return Trial.FAILED;
        }
    }

    Trial tampered(Node node, Offer offer, ClientSession session)
    {
        counts = new Counts(counts.connections, counts.otherHosts, counts.tampered + 1);
        return trial(node, offer.resuming(session.tampered()));
    }

    Offer offer(Node node, Variant variant)
    {
        return new Offer(variant.protocol(), serverName(node), variant.tickets(), Optional.empty());
    }

    Optional<String> serverName(Node node)
    {
        return host.or(node::serverName);
    }

    Counts counts()
    {
        return counts;
    }
}

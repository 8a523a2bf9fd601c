package io.github.tlsresumption.cluster.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/**
 * Connections that count the rows that are read through them.
 */
final class CountingDataSource
{
    private final TestDatabase database;
    private final AtomicLong rows = new AtomicLong();

    CountingDataSource(TestDatabase database)
    {
        this.database = database;
    }

    DataSource dataSource()
    {
        return proxy(DataSource.class, (self, method, arguments) ->
            counted(DriverManager.getConnection(database.url(), database.user(), "")));
    }

    /**
     * @return how many rows were read since the last call
     */
    long rowsRead()
    {
        return rows.getAndSet(0);
    }

    private Object counted(Object target)
    {
        if (target instanceof Connection)
        {
            return proxy(Connection.class, (self, method, arguments) -> counted(call(target, method, arguments)));
        }
        if (target instanceof PreparedStatement)
        {
            return proxy(PreparedStatement.class, (self, method, arguments) -> counted(call(target, method, arguments)));
        }
        if (target instanceof ResultSet)
        {
            return proxy(ResultSet.class, (self, method, arguments) -> counted(method.getName(), call(target, method, arguments)));
        }
        return target;
    }

    private Object counted(String method, Object answer)
    {
        if (method.equals("next") && answer.equals(true))
        {
            rows.incrementAndGet();
        }
        return answer;
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable
    {
        try
        {
            return method.invoke(target, arguments);
        }
        catch (InvocationTargetException e)
        {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler)
    {
        return type.cast(Proxy.newProxyInstance(CountingDataSource.class.getClassLoader(), new Class<?>[]{type}, handler));
    }
}

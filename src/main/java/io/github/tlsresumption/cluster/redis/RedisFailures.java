package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.regex.Pattern;

import io.github.tlsresumption.files.LibraryMismatch;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisMovedDataException;

/**
 * What a failure of Redis means, and how operators are told. Stateless.
 */
final class RedisFailures
{
    /**
     * Errors that say that someone else is, or will be, the primary. In a script's error they are further inside.
     */
    private static final Pattern ELSEWHERE = Pattern.compile("\\b(READONLY|MASTERDOWN|LOADING|CLUSTERDOWN)\\b");

    private RedisFailures()
    {
    }

    /**
     * @param name of Redis
     * @param cause why it did not answer
     * @return that, for operators
     */
    static String message(String name, Throwable cause)
    {
        Optional<String> mismatch = LibraryMismatch.explain(cause);
        if (mismatch.isPresent())
        {
            return name + " cannot be asked: " + mismatch.get();
        }
        Throwable root = cause;
        while (root.getCause() != null)
        {
            root = root.getCause();
        }
        String hint = root instanceof JedisMovedDataException ? ": write redis-cluster:// in jetty.tlsResumption.redis.uri" : "";
        return name + " is not usable: " + (root.getMessage() == null ? root : root.getMessage()) + hint;
    }

    static boolean isTimeout(Throwable thrown)
    {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause())
        {
            if (cause instanceof SocketTimeoutException)
            {
                return true;
            }
        }
        return false;
    }

    /**
     * @return whether someone else is, or will be, the primary
     */
    static boolean isElsewhere(Throwable answer)
    {
        return answer instanceof JedisMovedDataException || answer.getMessage() != null && ELSEWHERE.matcher(answer.getMessage()).find();
    }

    /**
     * @return whether it is Redis' own answer to the question
     */
    static boolean isAnswer(Throwable cause)
    {
        return cause instanceof JedisDataException && !isElsewhere(cause);
    }

    /**
     * @param failure from a {@link RedisClient}
     * @return whether Redis does not let us in, or not do that, or libraries do not fit together: an operator must mend it
     */
    static boolean isRefused(IOException failure)
    {
        if (LibraryMismatch.find(failure).isPresent())
        {
            return true;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause())
        {
            if (cause instanceof JedisAccessControlException)
            {
                return true;
            }
        }
        return false;
    }
}

package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.github.tlsresumption.it.HelloClient.Answer;
import io.github.tlsresumption.it.HelloClient.Outcome;

import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What the cases of {@link AttackSuiteIT} have in common.
 */
final class Attacks
{
    static final List<String> PROTOCOLS = List.of(TLS12, TLS13);
    static final String BOTH = "1.2 1.3";
    static final String FULL = "FULL";
    /** Key number and IV, which SunJSSE puts in front, and in newer releases a flag. */
    static final int KEY_NUMBER = 4;
    static final int PREFIX = ModuleBase.ticketPrefix();
    static final int KEY_ID = 8;
    static final int ENVELOPE = 124;
    static final int MAX_HELLO = 32_768;

    private Attacks()
    {
    }

    static OpenSsl established(OpenSsl client)
    {
        OpenSsl.Result first = client.connect();
        assertFalse(first.reused(), first::output);
        assertEquals(200, first.reply().status(), first::output);
        return client;
    }

    static OpenSsl.Result assertFull(OpenSsl client)
    {
        OpenSsl.Result result = client.connect();
        assertFalse(result.reused(), result::output);
        assertEquals(0, result.exit(), result::output);
        assertEquals(200, result.reply().status(), result::output);
        return result;
    }

    static OpenSsl.Result assertResumed(OpenSsl client)
    {
        OpenSsl.Result result = client.connect();
        assertTrue(result.reused(), result::output);
        assertEquals(200, result.reply().status(), result::output);
        return result;
    }

    static void assertAnswer(Outcome outcome, Answer answer, String what)
    {
        assertEquals(outcome, answer.outcome(), () -> what + ": " + answer);
    }

    static byte[] flipped(byte[] ticket, int at)
    {
        byte[] changed = ticket.clone();
        changed[at] ^= (byte)(1 << at % 8);
        return changed;
    }

    /**
     * @param ticket a ticket as it is on the wire
     * @return the id of the key that sealed it
     */
    static String keyId(byte[] ticket)
    {
        return HexFormat.of().formatHex(Arrays.copyOfRange(ticket, PREFIX + 1, PREFIX + 1 + KEY_ID));
    }

    static String text(Path file)
    {
        try
        {
            return Files.readString(file);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    static <T> List<T> together(int threads, List<Callable<T>> calls) throws Exception
    {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try
        {
            List<T> results = new ArrayList<>();
            for (Future<T> one : pool.invokeAll(calls))
            {
                results.add(one.get());
            }
            return results;
        }
        finally
        {
            pool.shutdownNow();
        }
    }
}

package io.github.tlsresumption.openssl;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

import io.github.tlsresumption.engine.KeyTickets;

/**
 * What a library may ask, with any arguments and in any order: of real libraries before each step of a handshake of theirs, and of a fake
 * one, whose steps also end in any way. Nothing is resumed that was not sealed, and nothing breaks that the binding would not catch.
 */
public final class NativeCallbacksFuzz
{
    private static final int[] RESULTS = {LibSsl.DONE, LibSsl.FAILED, LibSsl.WANTS_INPUT, LibSsl.WAITS};
    private static final byte[] HEADER_ONLY = {22, 3, 3, 0, 1, 0};
    private static final int MAX_STEPS = 20;
    private static final int MAX_CALLBACKS = 8;
    private static final List<FuzzedServer> SERVERS = Libraries.all().stream()
        .map(file -> new FuzzedServer(NativeTls.load(new LibraryChoice(file.toString(), "")).lib(), NativeCallbacksFuzz::asking)).toList();
    /** Says what is asked. */
    private static FuzzInput current = new FuzzInput(new byte[0]);

    private NativeCallbacksFuzz()
    {
    }

    /**
     * @param data calls of the engine, and what its library asks during them
     */
    public static void fuzzerTestOneInput(byte[] data)
    {
        for (FuzzedServer server : SERVERS)
        {
            connect(server, data);
        }
        FakeLib fake = new FakeLib();
        FuzzedServer server = new FuzzedServer(fake, lib -> lib);
        current = new FuzzInput(data);
        fake.sealsTickets = current.next() % 2 == 0;
        for (int i = 0; i < MAX_STEPS; i++)
        {
            fake.steps.add(callbacks ->
            {
                ask(callbacks, fake.sealsTickets);
                fake.pending += current.next() % 3;
                fake.readResult = RESULTS[1 + current.next() % 2];
                return RESULTS[current.next() % RESULTS.length];
            });
        }
        calls(server);
        server.close();
        fake.assertEmpty();
    }

    private static void connect(FuzzedServer server, byte[] data)
    {
        current = new FuzzInput(data);
        current.next();
        calls(server);
    }

    private static void calls(FuzzedServer server)
    {
        int settings = current.next();
        NativeSslEngine engine = server.newEngine(parameters ->
        {
            parameters.setNeedClientAuth(settings % 2 == 1);
            parameters.setApplicationProtocols(settings % 4 > 1 ? new String[]{"h2", "http/1.1"} : new String[0]);
        });
        boolean goesOn = true;
        boolean failed = false;
        while (goesOn && !current.isEmpty())
        {
            goesOn = FuzzedServer.call(engine, new FuzzInput(HEADER_ONLY)) & FuzzedServer.call(engine, current);
            failed = !goesOn;
        }
        server.end(engine, failed);
    }

    /**
     * @return a library that asks anything before it does a step
     */
    private static LibSsl asking(LibSsl lib)
    {
        return (LibSsl)Proxy.newProxyInstance(LibSsl.class.getClassLoader(), new Class<?>[]{LibSsl.class}, (proxy, method, arguments) ->
        {
            if ("handshake".equals(method.getName()))
            {
                ask((SslCallbacks)arguments[1], lib.sealsTickets());
            }
            try
            {
                return method.invoke(lib, arguments);
            }
            catch (InvocationTargetException e)
            {
                throw e.getCause();
            }
        });
    }

    private static void ask(SslCallbacks callbacks, boolean sealsTickets)
    {
        for (int i = current.next() % MAX_CALLBACKS; i > 0; i--)
        {
            try
            {
                if (current.next() % 2 == 0)
                {
                    askOne(callbacks);
                }
                else if (sealsTickets)
                {
                    askAboutKeys(callbacks);
                }
                else
                {
                    askAboutStates(callbacks);
                }
            }
            catch (RuntimeException e)
            {
                // As the binding does it.
                callbacks.thrown(e);
            }
        }
    }

    private static void askOne(SslCallbacks callbacks)
    {
        switch (current.next() % 8)
        {
            case 0 -> callbacks.received(current.some());
            case 1, 2 ->
            {
                callbacks.received(current.some());
                callbacks.clientHello();
                callbacks.helloAlert();
            }
            case 3 ->
            {
                byte[] offered = current.some();
                OptionalInt chosen = callbacks.chooseProtocol(offered);
                chosen.ifPresent(place -> Arrays.copyOfRange(offered, place + 1, place + 1 + offered[place]));
                FuzzedServer.require(chosen.isEmpty() || chosen.getAsInt() + offered[chosen.getAsInt()] < offered.length,
                    "a protocol that was not offered");
            }
            case 4 -> callbacks.newSession(current.some(), current.some());
            case 5 -> refused(callbacks.findSession(current.some()));
            default ->
            {
                List<byte[]> chain = new ArrayList<>(List.of(current.some(), current.some()));
                FuzzedServer.require(callbacks.verify(() -> chain) != SslCallbacks.Answer.YES, "a certificate that is none");
                callbacks.verifyAlert();
            }
        }
    }

    private static void refused(Opening answer)
    {
        FuzzedServer.require(!(answer instanceof Opening.Opened), "a session that there never was");
    }

    private static void askAboutStates(SslCallbacks callbacks)
    {
        switch (current.next() % 4)
        {
            case 0 ->
            {
                byte[] state = current.some();
                int length = callbacks.seal(state).length;
                FuzzedServer.require(length > 0 && length <= state.length + callbacks.ticketOverhead(), "a ticket of " + length);
            }
            case 1, 2 -> refused(callbacks.open(current.some()));
            default ->
            {
                if (callbacks.sign(current.next() << Byte.SIZE | current.next(), current.some()) == SslCallbacks.Answer.LATER
                    && callbacks.signed() == SslCallbacks.Answer.YES)
                {
                    FuzzedServer.require(callbacks.signature().length > 0, "no signature");
                }
            }
        }
    }

    private static void askAboutKeys(SslCallbacks callbacks)
    {
        switch (current.next() % 5)
        {
            case 0 -> callbacks.ticketData(new SessionSecret(current.some(), current.next()));
            case 1 ->
            {
                callbacks.ticketData(new SessionSecret(current.some(), current.next()));
                callbacks.ticketSeconds().ifPresent(seconds -> FuzzedServer.require(seconds > 0, seconds + " s"));
                callbacks.newTicketSecrets();
            }
            case 2 -> callbacks.ticketSecrets(Arrays.copyOf(current.some(), KeyTickets.NAME_BYTES), new byte[KeyTickets.IV_BYTES]);
            case 3 -> callbacks.takeTicket(current.some(), secret -> FuzzedServer.require(secret.length > 0, "an empty secret"));
            default ->
            {
                SslCallbacks.Taking taking = callbacks.unreadableTicket(current.some());
                FuzzedServer.require(taking == SslCallbacks.Taking.REFUSE || taking == SslCallbacks.Taking.REFUSE_AND_RENEW,
                    "a ticket that nobody can read");
            }
        }
    }
}

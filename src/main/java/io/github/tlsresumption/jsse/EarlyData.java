package io.github.tlsresumption.jsse;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.security.AlgorithmConstraints;
import java.security.AlgorithmParameters;
import java.security.CryptoPrimitive;
import java.security.Key;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;

/**
 * Has SunJSSE answer a ClientHello with early data by a HelloRetryRequest (RFC 8446 section 4.2.10). Clients send early data with a ticket
 * that allows them, which is another server's; SunJSSE knows none, takes their records for the client's Finished, and ends the connection.
 * Behind a HelloRetryRequest they can be told from what is meant for SunJSSE by the type of their records alone.
 * <p>
 * SunJSSE asks again for a key when it may use none of the groups for which it has got one. Needs {@link KeyNumber#OPTION}. Stateless.
 */
final class EarlyData
{
    private static final String PACKAGE = "sun.security.ssl.";
    private static final Field CONNECTION = field("SSLEngineImpl", "conContext");
    private static final Field HANDSHAKE = field("TransportContext", "handshakeContext");
    private static final Field SETTINGS = field("HandshakeContext", "sslConfig");
    private static final Field CONSTRAINTS = field("HandshakeContext", "algorithmConstraints");
    /** From JDK 20 on. */
    private static final Field GROUPS = field("SSLConfiguration", "namedGroups");
    /** Before. */
    private static final Field ALL_GROUPS = field("SupportedGroupsExtension$SupportedGroups", "supportedNamedGroups");
    private static final Field NAME = field("NamedGroup", "name");
    private static final Field ID = field("NamedGroup", "id");

    private EarlyData()
    {
    }

    private static Field field(String type, String name)
    {
        try
        {
            Field field = Class.forName(PACKAGE + type).getDeclaredField(name);
            field.setAccessible(true);
            return field;
        }
        catch (InaccessibleObjectException | ReflectiveOperationException e)
        {
            return null;
        }
    }

    /**
     * To be called when an engine has read a first ClientHello and has not looked at it yet.
     *
     * @param engine of SunJSSE, a server's
     * @param groups the client's supported_groups (RFC 8446 section 4.2.7)
     * @param shares the groups for which it has sent a key
     * @return what takes the change back, to be called when SunJSSE has looked at the ClientHello; empty when there is no group by which
     * to ask again, or this JVM does not let us
     */
    static Optional<Runnable> retry(SSLEngine engine, Set<Integer> groups, Set<Integer> shares)
    {
        try
        {
            Object handshake = CONNECTION == null || HANDSHAKE == null ? null : HANDSHAKE.get(CONNECTION.get(engine));
            if (handshake == null || SETTINGS == null || NAME == null || ID == null)
            {
                return Optional.empty();
            }
            if (GROUPS != null)
            {
                return byGroups(SETTINGS.get(handshake), groups, shares);
            }
            boolean replaceable = CONSTRAINTS != null && CONSTRAINTS.getType() == AlgorithmConstraints.class && ALL_GROUPS != null;
            return replaceable ? byConstraints(handshake, groups, shares) : Optional.empty();
        }
        catch (ReflectiveOperationException | RuntimeException e)
        {
            return Optional.empty();
        }
    }

    private static Optional<Runnable> byGroups(Object settings, Set<Integer> groups, Set<Integer> shares)
        throws ReflectiveOperationException
    {
        Map<String, Integer> ids = ids(NAME.getDeclaringClass().getEnumConstants());
        String[] before = (String[])GROUPS.get(settings);
        Predicate<String> unsent = name -> !shares.contains(ids.get(name));
        String[] left = Stream.of(before).filter(unsent).toArray(String[]::new);
        if (Stream.of(left).noneMatch(name -> groups.contains(ids.get(name))))
        {
            return Optional.empty();
        }
        GROUPS.set(settings, left);
        return Optional.of(() -> set(GROUPS, settings, before));
    }

    private static Optional<Runnable> byConstraints(Object handshake, Set<Integer> groups, Set<Integer> shares)
        throws ReflectiveOperationException
    {
        Map<String, Integer> ids = ids((Object[])ALL_GROUPS.get(null));
        Set<String> sent = ids.keySet().stream().filter(name -> shares.contains(ids.get(name))).collect(Collectors.toSet());
        AlgorithmConstraints before = (AlgorithmConstraints)CONSTRAINTS.get(handshake);
        Set<CryptoPrimitive> agreement = Set.of(CryptoPrimitive.KEY_AGREEMENT);
        boolean other = ids.keySet().stream().filter(name -> !sent.contains(name) && groups.contains(ids.get(name)))
            .anyMatch(name -> before.permits(agreement, name, null));
        if (!other)
        {
            return Optional.empty();
        }
        CONSTRAINTS.set(handshake, new Without(before, sent));
        return Optional.of(() -> set(CONSTRAINTS, handshake, before));
    }

    private static Map<String, Integer> ids(Object[] namedGroups)
    {
        return Arrays.stream(namedGroups).collect(Collectors.toMap(group -> (String)get(NAME, group), group -> (Integer)get(ID, group)));
    }

    private static Object get(Field field, Object object)
    {
        try
        {
            return field.get(object);
        }
        catch (IllegalAccessException e)
        {
            throw new IllegalStateException(e);
        }
    }

    private static void set(Field field, Object object, Object value)
    {
        try
        {
            field.set(object, value);
        }
        catch (IllegalAccessException e)
        {
            throw new IllegalStateException(e);
        }
    }

    /**
     * What others permit, without some groups.
     */
    private record Without(AlgorithmConstraints others, Set<String> groups) implements AlgorithmConstraints
    {
        @Override
        public boolean permits(Set<CryptoPrimitive> primitives, String algorithm, AlgorithmParameters parameters)
        {
            return !groups.contains(algorithm) && others.permits(primitives, algorithm, parameters);
        }

        @Override
        public boolean permits(Set<CryptoPrimitive> primitives, Key key)
        {
            return others.permits(primitives, key);
        }

        @Override
        public boolean permits(Set<CryptoPrimitive> primitives, String algorithm, Key key, AlgorithmParameters parameters)
        {
            return !groups.contains(algorithm) && others.permits(primitives, algorithm, key, parameters);
        }
    }
}

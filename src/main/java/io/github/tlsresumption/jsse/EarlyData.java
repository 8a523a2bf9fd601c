package io.github.tlsresumption.jsse;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.security.AlgorithmConstraints;
import java.security.AlgorithmParameters;
import java.security.CryptoPrimitive;
import java.security.Key;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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
    private static final Field CONNECTION = Internals.field("SSLEngineImpl", "conContext");
    private static final Field HANDSHAKE = Internals.field("TransportContext", "handshakeContext");
    private static final Field SETTINGS = Internals.field("HandshakeContext", "sslConfig");
    private static final Field CONSTRAINTS = Internals.field("HandshakeContext", "algorithmConstraints");
    /** Makes what that field holds; null where it holds any constraints. */
    private static final Method WRAP = wrap();
    /** What is derived from the constraints when it is first asked for. */
    private static final List<Field> DERIVED = Stream.of("localSupportedSignAlgs", "localSupportedCertSignAlgs")
        .map(name -> Internals.field("HandshakeContext", name)).filter(Objects::nonNull).toList();
    /** From JDK 20 on. */
    private static final Field GROUPS = Internals.field("SSLConfiguration", "namedGroups");
    /** Before. */
    private static final Field ALL_GROUPS = Internals.field("SupportedGroupsExtension$SupportedGroups", "supportedNamedGroups");
    private static final Field NAME = Internals.field("NamedGroup", "name");
    private static final Field ID = Internals.field("NamedGroup", "id");

    private EarlyData()
    {
    }

    /**
     * @return why this JVM does not let us, or empty
     */
    static Optional<String> obstacle()
    {
        return Internals.obstacle("SSLEngineImpl", "conContext")
            .or(() -> Internals.obstacle("TransportContext", "handshakeContext"))
            .or(() -> Internals.obstacle("HandshakeContext", "sslConfig", "algorithmConstraints"))
            .or(() -> Internals.obstacle("NamedGroup", "name", "id"))
            .or(() -> GROUPS != null || isReplaceable() ? Optional.empty() : Internals.obstacle("SSLConfiguration", "namedGroups"));
    }

    private static Method wrap()
    {
        try
        {
            // In JDK 17 from about 17.0.17 on.
            Method method =
                Class.forName(Internals.PACKAGE + "SSLAlgorithmConstraints").getDeclaredMethod("wrap", AlgorithmConstraints.class);
            method.setAccessible(true);
            return method;
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
            if (CONSTRAINTS == null || !(CONSTRAINTS.get(handshake) instanceof AlgorithmConstraints constraints))
            {
                return Optional.empty();
            }
            if (GROUPS != null)
            {
                return byGroups(SETTINGS.get(handshake), constraints, groups, shares);
            }
            return isReplaceable() ? byConstraints(handshake, constraints, groups, shares) : Optional.empty();
        }
        catch (ReflectiveOperationException | RuntimeException e)
        {
            return Optional.empty();
        }
    }

    /**
     * @return whether a handshake's constraints can be replaced
     */
    private static boolean isReplaceable()
    {
        return ALL_GROUPS != null && (CONSTRAINTS.getType() == AlgorithmConstraints.class || WRAP != null);
    }

    private static Optional<Runnable> byGroups(Object settings, AlgorithmConstraints constraints, Set<Integer> groups,
        Set<Integer> shares) throws ReflectiveOperationException
    {
        Map<String, Integer> ids = ids(NAME.getDeclaringClass().getEnumConstants());
        String[] before = (String[])GROUPS.get(settings);
        Predicate<String> unsent = name -> !shares.contains(ids.get(lower(name)));
        String[] left = Stream.of(before).filter(unsent).toArray(String[]::new);
        if (Stream.of(left).noneMatch(name -> groups.contains(ids.get(lower(name))) && isPermitted(constraints, name)))
        {
            return Optional.empty();
        }
        GROUPS.set(settings, left);
        return Optional.of(() -> set(GROUPS, settings, before));
    }

    private static Optional<Runnable> byConstraints(Object handshake, AlgorithmConstraints before, Set<Integer> groups,
        Set<Integer> shares) throws ReflectiveOperationException
    {
        Object[] all = (Object[])ALL_GROUPS.get(null);
        Map<String, Integer> ids = ids(all);
        Set<String> names = Stream.of(all).map(group -> (String)get(NAME, group)).collect(Collectors.toSet());
        Set<String> sent = names.stream().filter(name -> shares.contains(ids.get(lower(name)))).collect(Collectors.toSet());
        boolean other = names.stream().filter(name -> !sent.contains(name) && groups.contains(ids.get(lower(name))))
            .anyMatch(name -> isPermitted(before, name));
        if (!other)
        {
            return Optional.empty();
        }
        Map<Field, Object> derived = new HashMap<>();
        DERIVED.forEach(field -> derived.put(field, get(field, handshake)));
        AlgorithmConstraints without = new Without(before, sent);
        boolean any = CONSTRAINTS.getType() == AlgorithmConstraints.class;
        CONSTRAINTS.set(handshake, any ? without : WRAP.invoke(null, without));
        return Optional.of(() ->
        {
            set(CONSTRAINTS, handshake, before);
            derived.forEach((field, value) -> set(field, handshake, value));
        });
    }

    private static boolean isPermitted(AlgorithmConstraints constraints, String name)
    {
        return constraints.permits(Set.of(CryptoPrimitive.KEY_AGREEMENT), name, null);
    }

    private static Map<String, Integer> ids(Object[] namedGroups)
    {
        return Arrays.stream(namedGroups)
            .collect(Collectors.toMap(group -> lower((String)get(NAME, group)), group -> (Integer)get(ID, group)));
    }

    /*
     * SunJSSE takes names of groups in any case.
     */
    private static String lower(String name)
    {
        return name.toLowerCase(Locale.ROOT);
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

package io.github.tlsresumption;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AccessibleObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.core.importer.resolvers.SelectedClassResolverFromClasspath;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.github.tlsresumption.crypto.Aes256Gcm;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.jetty.FactorySettings;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.resumption.RefusalReason;
import io.github.tlsresumption.sessions.SessionKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Which package may know which. A rule that is about no class at all, such as one about a package that has another name now, fails.
 */
class ArchitectureTest
{
    private static final String ROOT = "io.github.tlsresumption";
    private static final Pattern SOURCE_OF = Pattern.compile("(io/github/tlsresumption/[^$]*?)(\\$.*)?\\.class$");
    private static final JavaClasses CLASSES = ours();

    @Test
    void findsTheClassesItJudges()
    {
        assertTrue(CLASSES.contain(ROOT + ".crypto.Xaes256Gcm"));
        assertTrue(CLASSES.contain(ROOT + ".cli.Main"));
        assertFalse(CLASSES.contain(ArchitectureTest.class));
    }

    @Test
    void cryptoKnowsNoOtherPackageOfOurs()
    {
        knowsOnly("crypto");
    }

    @Test
    void ticketKnowsCryptoOnly()
    {
        knowsOnly("ticket", "crypto");
    }

    @Test
    void filesKnowsNoOtherPackageOfOurs()
    {
        knowsOnly("files");
    }

    @Test
    void logKnowsNoOtherPackageOfOurs()
    {
        knowsOnly("log");
    }

    @Test
    void keysKnowsFilesCryptoAndLogOnly()
    {
        knowsOnly("keys", "files", "crypto", "log");
    }

    @Test
    void forgetKnowsFilesCryptoAndLogOnly()
    {
        knowsOnly("forget", "files", "crypto", "log");
    }

    @Test
    void sessionsKnowsTicketCryptoAndLogOnly()
    {
        knowsOnly("sessions", "ticket", "crypto", "log");
    }

    @Test
    void engineKnowsTicketAndCryptoOnly()
    {
        knowsOnly("engine", "ticket", "crypto");
    }

    @Test
    void nobodyKnowsTheJdksEngine()
    {
        check(noClasses().that().resideOutsideOfPackage(ours("jsse")).should().dependOnClassesThat().resideInAPackage(ours("jsse")));
    }

    @Test
    void jsseKnowsEngineTicketCryptoAndLogOnly()
    {
        knowsOnly("jsse", "engine", "ticket", "crypto", "log");
    }

    @Test
    void theScopeKnowsNeitherJettyNorAnEngine()
    {
        check(noClasses().that().belongToAnyOf(Scope.class, ScopeParts.class, ScopeWiring.class, ScopeSettings.class, RingMarks.class,
                PostponedOrders.class)
            .should().dependOnClassesThat(resideInAnyPackage("org.eclipse.jetty..", ours("jetty"), ours("engine"))
                .or(belongToAnyOf(Engine.class))));
    }

    @Test
    void resumptionKnowsNoImplementationOfTls()
    {
        knowsOnly("resumption", "engine", "ticket", "keys", "sessions", "policy", "forget", "crypto", "status", "log");
    }

    @Test
    void jettyKnowsTheDecisionAndWhatItRestsOn()
    {
        knowsOnly("jetty", "engine", "resumption", "policy", "ticket", "files", "crypto", "settings");
    }

    @Test
    void leanKnowsSettingsOnly()
    {
        knowsOnly("lean", "settings");
    }

    @Test
    void accpKnowsNoOtherPackageOfOurs()
    {
        knowsOnly("accp");
    }

    @Test
    void onlyAccpKnowsCorrettoAndConscrypt()
    {
        check(noClasses().that().resideOutsideOfPackage(ours("accp"))
            .should().dependOnClassesThat().resideInAnyPackage("com.amazon..", "org.conscrypt.."));
        check(noClasses().that().resideOutsideOfPackage(ours("accp")).should().dependOnClassesThat().resideInAPackage(ours("accp")));
    }

    /**
     * Without Jetty's module jmx its classes are not there.
     */
    @Test
    void onlyJmxKnowsJettysAndNobodyKnowsIt()
    {
        check(classes().that().resideInAPackage(ours("jmx")).should().onlyDependOnClassesThat(
            resideOutsideOfPackage(ROOT + "..").or(resideInAnyPackage(ROOT, ours("jmx")))));
        check(noClasses().that().resideOutsideOfPackage(ours("jmx"))
            .should().dependOnClassesThat().resideInAnyPackage("org.eclipse.jetty.jmx..", ours("jmx")));
    }

    @Test
    void statusKnowsNoOtherPackageOfOurs()
    {
        knowsOnly("status");
    }

    @Test
    void settingsKnowsNoOtherPackageOfOurs()
    {
        knowsOnly("settings");
    }

    @Test
    void jsonKnowsNoOtherPackageOfOurs()
    {
        knowsOnly("json");
    }

    @Test
    void onlyJsonKnowsJettysJson()
    {
        check(noClasses().that().resideOutsideOfPackage(ours("json"))
            .should().dependOnClassesThat().resideInAPackage("org.eclipse.jetty.util.ajax.."));
    }

    @Test
    void policyKnowsCryptoTicketAndSettingsOnly()
    {
        knowsOnly("policy", "crypto", "ticket", "settings");
    }

    /**
     * It says what lives there, what it may know, and where to start.
     */
    @ParameterizedTest
    @ValueSource(strings = {"main", "cli", "demo"})
    void eachPackageIsExplained(String set) throws IOException
    {
        try (Stream<Path> files = Files.walk(Path.of("src", set, "java", "io")))
        {
            assertEquals(Set.of(), files.filter(file -> file.toString().endsWith(".java"))
                .map(Path::getParent)
                .filter(directory -> !Files.exists(directory.resolve("package-info.java")))
                .collect(Collectors.toSet()));
        }
    }

    /**
     * A long file is more than one job; setters alone may be many.
     */
    @Test
    void filesStayShort() throws IOException
    {
        Map<Path, Long> tooLong = new TreeMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src")))
        {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList())
            {
                boolean isShipped = file.startsWith(Path.of("src/main")) || file.startsWith(Path.of("src/cli"));
                long most = file.endsWith("ConfigurableSslContextFactory.java") ? 700 : isShipped ? 400 : 600;
                try (Stream<String> lines = Files.lines(file))
                {
                    long count = lines.count();
                    if (count > most)
                    {
                        tooLong.put(file, count);
                    }
                }
            }
        }
        assertEquals(Map.of(), tooLong);
    }

    /**
     * Those who embed Jetty get what docs/embedding.md says is theirs.
     */
    @Test
    void theModuleExportsWhatThoseWhoEmbedItUse() throws IOException
    {
        Set<String> exported = Pattern.compile("exports " + Pattern.quote(ROOT) + "([a-z.]*);")
            .matcher(Files.readString(Path.of("src/main/java/module-info.java"))).results()
            .map(found -> found.group(1))
            .collect(Collectors.toSet());
        assertEquals(Set.of("", ".cluster", ".cluster.jdbc", ".cluster.redis", ".forget", ".keys", ".lean", ".metrics", ".policy",
            ".sessions", ".status", ".ticket"), exported);
    }

    @Test
    void databasesKnowTheStoresAndNoEngine()
    {
        knowsOnly("cluster.jdbc", "cluster", "keys", "sessions", "forget", "files", "ticket", "crypto", "settings", "log");
    }

    @Test
    void redisKnowsTheStoresAndNoEngine()
    {
        knowsOnly("cluster.redis", "cluster", "keys", "sessions", "forget", "files", "ticket", "crypto", "settings", "log");
    }

    @Test
    void clusterKnowsNeitherRedisNorDatabases()
    {
        knowsOnly("cluster", "keys", "sessions", "forget", "files", "ticket", "crypto", "settings", "log");
    }

    @Test
    void backendsDoNotKnowEachOther()
    {
        check(noClasses().that().resideOutsideOfPackage(ours("cluster.redis")).and().resideInAPackage(ours("cluster"))
            .should().dependOnClassesThat().resideInAPackage(ours("cluster.redis")));
        check(noClasses().that().resideOutsideOfPackage(ours("cluster.jdbc")).and().resideInAPackage(ours("cluster"))
            .should().dependOnClassesThat().resideInAPackage(ours("cluster.jdbc")));
    }

    @Test
    void onlyRedisKnowsJedis()
    {
        check(noClasses().that().resideOutsideOfPackage(ours("cluster.redis"))
            .should().dependOnClassesThat().resideInAnyPackage("redis.clients..", "org.apache.commons.pool2.."));
    }

    @Test
    void onlyMetricsKnowsMicrometer()
    {
        check(noClasses().that().resideOutsideOfPackage(ours("metrics"))
            .should().dependOnClassesThat().resideInAnyPackage("io.micrometer..", "io.prometheus.."));
    }

    @Test
    void metricsKnowsTheFaceAndWhatItShowsOnly()
    {
        check(classes().that().resideInAPackage(ours("metrics")).should().onlyDependOnClassesThat(
            resideOutsideOfPackage(ROOT + "..").or(resideInAnyPackage(ROOT, ours("metrics"), ours("status")))));
    }

    @Test
    void adminKnowsTheFaceAndWhatItShowsOnly()
    {
        check(classes().that().resideInAPackage(ours("admin")).should().onlyDependOnClassesThat(
            resideOutsideOfPackage(ROOT + "..").or(resideInAnyPackage(ROOT, ours("admin"), ours("status"), ours("keys"), ours("files"),
                ours("settings"), ours("json"), ours("crypto"))).or(belongToAnyOf(RefusalReason.class))));
    }

    @Test
    void theFaceKnowsNeitherMetricsNorAdmin()
    {
        check(noClasses().that().resideOutsideOfPackages(ours("metrics"), ours("admin"))
            .should().dependOnClassesThat().resideInAnyPackage(ours("metrics"), ours("admin")));
    }

    @Test
    void onlyThePoolKnowsHikari()
    {
        check(noClasses().that().haveNameNotMatching(".*\\.cluster\\.jdbc\\.ConnectionPool(\\$.*)?")
            .should().dependOnClassesThat().resideInAPackage("com.zaxxer.."));
    }

    /**
     * What they know of a handshake is what an engine tells.
     */
    @ParameterizedTest
    @ValueSource(strings = {"policy", "forget", "resumption"})
    void decisionsKnowNothingOfJsse(String name)
    {
        check(noClasses().that().resideInAPackage(ours(name)).should().dependOnClassesThat().resideInAPackage("javax.net.ssl.."));
    }

    @Test
    void onlyTheOuterPackagesKnowJetty()
    {
        check(noClasses().that().resideOutsideOfPackages(ROOT, ours("jetty"), ours("lean"), ours("jmx"), ours("json"), ours("admin"),
            ours("metrics"), ours("cli")).should().dependOnClassesThat().resideInAPackage("org.eclipse.jetty.."));
    }

    @Test
    void nobodyKnowsTheCommandLine()
    {
        check(noClasses().that().resideOutsideOfPackage(ours("cli")).should().dependOnClassesThat().resideInAPackage(ours("cli")));
        check(noClasses().that().resideOutsideOfPackage(ours("cli")).should().dependOnClassesThat().resideInAPackage("picocli.."));
    }

    @Test
    void theDoctorsClientKnowsNoOtherPackageOfOurs()
    {
        knowsOnly("cli.tls");
    }

    @Test
    void onlyJsseKnowsTheInsideOfTheJdk()
    {
        check(noClasses().that().resideOutsideOfPackage(ours("jsse"))
            .should().dependOnClassesThat().resideInAnyPackage("sun..", "com.sun.."));
        // Jetty lets nobody read the trust store's password, which a copy of its settings needs.
        check(noClasses().that().resideOutsideOfPackage(ours("jsse")).and().doNotBelongToAnyOf(FactorySettings.class)
            .should().callMethodWhere(opensWhatIsClosed()));
    }

    @Test
    void onlyCryptoJsseAndTheDoctorUseTheJdksCryptography()
    {
        // The command line's TLS client protects nothing of ours.
        check(noClasses().that().resideOutsideOfPackages(ours("crypto"), ours("jsse"), ours("cli.tls"))
            .should().dependOnClassesThat().belongToAnyOf(Cipher.class, Mac.class, KeyGenerator.class, MessageDigest.class));
    }

    /**
     * Whatever must not be guessed comes from the platform's generator by {@link Random}, which does nothing to it.
     */
    @Test
    void onlyRandomMakesRandomBytes()
    {
        // To SunJSSE contexts of our own a generator is given; LongRows and the digest of a context that cannot be computed make no keys.
        // The command line's TLS clients protect nothing of ours.
        check(noClasses().that().doNotBelongToAnyOf(Random.class).and().haveNameNotMatching(".*\\.jsse\\.(ContextRandom|Priming|SelfTest"
            + "|StockServer|ResumptionSSLContextSpi)(\\$.*)?").and().resideOutsideOfPackages(ours("cli.tls"), ours("cli.report"))
            .should().callCodeUnitWhere(makesRandom()));
        check(noClasses().that().haveNameNotMatching(".*\\.(LongRows|jsse\\.ServerIdentities)")
            .should().dependOnClassesThat()
            .belongToAnyOf(java.util.Random.class, ThreadLocalRandom.class, SplittableRandom.class, UUID.class));
        Set<String> used = CLASSES.get(Random.class).getCodeUnitCallsFromSelf().stream()
            .filter(call -> call.getTargetOwner().isAssignableTo(java.util.Random.class))
            .map(call -> call.getTargetOwner().getName() + " " + call.getName())
            .collect(Collectors.toSet());
        assertEquals(Set.of("java.security.SecureRandom <init>", "java.security.SecureRandom nextBytes"), used);
    }

    /**
     * A key is made of random bytes, or read from a store, or derived from a passphrase, in these places and in no other.
     */
    @Test
    void keysAreMadeInFewPlaces()
    {
        assertEquals(Set.of("keys.TicketKey", "keys.TicketKeyRingCodec"), callersOf(Xaes256Gcm.class, "<init>"));
        assertEquals(Set.of("sessions.SessionKey"), callersOf(Aes256Gcm.class, "<init>"));
        assertEquals(Set.of("keys.TicketKey", "keys.KeyRotation", "keys.RingBytes"), callersOf(TicketKey.class, "<init>"));
        assertEquals(Set.of("cluster.SessionKeyCodec", "sessions.SessionKey"), callersOf(SessionKey.class, "of"));
        assertEquals(Set.of("keys.TicketKey", "keys.RingBytes"), callersOf(TicketKey.class, "secret"));
        Set<String> generators = CLASSES.get(Random.class).getMethod("bytes", int.class).getCallsOfSelf().stream()
            .filter(call -> call.getOrigin().getOwner().isEquivalentTo(KeyRotation.class)
                || call.getOrigin().getOwner().isEquivalentTo(SessionKey.class))
            .map(call -> call.getOrigin().getName())
            .collect(Collectors.toSet());
        assertTrue(generators.containsAll(Set.of("newSecret", "generate")), generators::toString);
    }

    private static Set<String> callersOf(Class<?> type, String name)
    {
        return CLASSES.get(type).getCodeUnitCallsToSelf().stream()
            .filter(call -> call.getName().equals(name))
            .map(call -> call.getOriginOwner().getName().substring(ROOT.length() + 1))
            .collect(Collectors.toSet());
    }

    private static DescribedPredicate<JavaCall<?>> makesRandom()
    {
        return DescribedPredicate.describe("make a generator of random numbers, or random numbers without one", call ->
        {
            JavaClass owner = call.getTargetOwner();
            return switch (call.getName())
            {
                case "<init>", "getInstance", "getInstanceStrong" -> owner.isAssignableTo(java.util.Random.class);
                case "random" -> owner.isEquivalentTo(Math.class) || owner.isEquivalentTo(StrictMath.class);
                case "of", "getDefault" -> owner.getName().startsWith("java.util.random.");
                default -> false;
            };
        });
    }

    @Test
    void onlyCryptoKnowsBouncyCastle()
    {
        check(noClasses().that().resideOutsideOfPackage(ours("crypto"))
            .should().dependOnClassesThat().resideInAPackage("org.bouncycastle.."));
    }

    @Test
    void noPackagesKnowEachOtherInACircle()
    {
        check(slices().assignedFrom(new ByPackage()).should().beFreeOfCycles());
    }

    private static void knowsOnly(String name, String... others)
    {
        DescribedPredicate<JavaClass> allowed = resideOutsideOfPackage(ROOT + "..").or(resideInAPackage(ours(name)));
        for (String other : others)
        {
            allowed = allowed.or(resideInAPackage(ours(other)));
        }
        check(classes().that().resideInAPackage(ours(name)).should().onlyDependOnClassesThat(allowed));
    }

    private static DescribedPredicate<JavaMethodCall> opensWhatIsClosed()
    {
        return DescribedPredicate.describe("reflection past access control, or a class by its name", call ->
        {
            JavaClass owner = call.getTargetOwner();
            return switch (call.getName())
            {
                case "setAccessible", "trySetAccessible" -> owner.isAssignableTo(AccessibleObject.class);
                case "forName" -> owner.isEquivalentTo(Class.class);
                case "loadClass" -> owner.isAssignableTo(ClassLoader.class);
                case "privateLookupIn" -> owner.isEquivalentTo(MethodHandles.class);
                default -> false;
            };
        });
    }

    /*
     * Of others' classes some rules ask what they extend, which are the JDK's or Jetty's; to read those of all libraries takes seconds.
     */
    private static JavaClasses ours()
    {
        return ArchConfiguration.withThreadLocalScope(configuration ->
        {
            configuration.setClassResolver(SelectedClassResolverFromClasspath.class);
            configuration.setClassResolverArguments("java", "org.eclipse.jetty");
            return new ClassFileImporter().withImportOption(ArchitectureTest::isShipped).importPackages(ROOT);
        });
    }

    /*
     * By the source, since the classes of the command line are compiled beside those of the tests.
     */
    private static boolean isShipped(Location location)
    {
        Matcher type = SOURCE_OF.matcher(location.asURI().toString());
        return type.find() && Stream.of("main", "cli").anyMatch(set -> Files.exists(Path.of("src", set, "java", type.group(1) + ".java")));
    }

    private static void check(ArchRule rule)
    {
        rule.check(CLASSES);
    }

    private static String ours(String name)
    {
        return ROOT + "." + name + "..";
    }

    private static final class ByPackage implements SliceAssignment
    {
        @Override
        public String getDescription()
        {
            return "the packages";
        }

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type)
        {
            return SliceIdentifier.of(type.getPackageName());
        }
    }
}

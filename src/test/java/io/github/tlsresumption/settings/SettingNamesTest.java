package io.github.tlsresumption.settings;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SettingNamesTest
{
    @ParameterizedTest
    @CsvSource({
        "jetty.tlsResumption.maxSesionDuration, jetty.tlsResumption.maxSessionDuration",
        "jetty.tlsResumption.tls12mode, jetty.tlsResumption.tls12Mode",
        "jetty.tlsResumption.rotation.sealperiod, jetty.tlsResumption.rotation.sealPeriod",
        "jetty.tlsResumption.rotation_lifetime, jetty.tlsResumption.rotation.lifetime",
        "jetty.tlsResumption.closeAtDeadLines, jetty.tlsResumption.closeAtDeadline",
        "jetty.tlsresumption.mode, jetty.tlsResumption.mode",
        "jetty.tls-resumption.mode, jetty.tlsResumption.mode",
        "jetty.tlsResumtion.mode, jetty.tlsResumption.mode",
        "Jetty.tlsResumption.scope, jetty.tlsResumption.scope",
        "tlsResumption.scope, jetty.tlsResumption.scope",
        "tls-resumption.rulesFile, jetty.tlsResumption.rulesFile",
        "tls-resumption.jdbc.drivers, tls-resumption.jdbc.driver",
        "jetty.tlsResumption.jdbc.pasword, jetty.tlsResumption.jdbc.password",
        "jetty.tlsResumption.redis.url, jetty.tlsResumption.redis.uri",
        "jetty.tlsResumption.admin.prot, jetty.tlsResumption.admin.port"})
    void aNameThatIsAlmostOneOfOursIsRefusedWithThatOne(String name, String meant)
    {
        assertEquals(List.of(new Refusal(name, "there is no such setting", "did you mean " + meant + "?")),
            SettingNames.faults(Map.of(name, "a secret")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jetty.tlsResumption.colour", "jetty.tlsResumption", "jetty.tlsResumption.", "tls-resumption.shape"})
    void aNameThatIsLikeNoneIsRefusedToo(String name)
    {
        List<Refusal> faults = SettingNames.faults(Map.of(name, "a secret"));
        assertEquals(List.of(name), faults.stream().map(Refusal::setting).toList());
        assertFalse(faults.get(0).line().contains("a secret"), faults.get(0).line());
    }

    @ParameterizedTest
    @ValueSource(strings = {"jetty.ssl.port", "jetty.sslContext.keyStorePath", "jetty.base", "jetty.tls", "java.version", "mode", "jetty",
        "demo.second.mode", "", ".", "com.example.tlsResumption.mode", "jetty.tlsResumptionless.mode"})
    void whatIsNotMeantForUsIsNotLookedAt(String name)
    {
        assertEquals(List.of(), SettingNames.faults(Map.of(name, "x")));
    }

    @Test
    void everyFaultIsTold()
    {
        List<Refusal> faults = SettingNames.faults(Map.of("jetty.tlsResumption.mode", "tickets", "jetty.tlsResumption.clockSkew", "1d",
            "jetty.tlsResumption.scope", "any", "jetty.tlsResumption.mod", "x"));
        assertEquals(List.of("jetty.tlsResumption.clockSkew", "jetty.tlsResumption.mod", "jetty.tlsResumption.mode"),
            faults.stream().map(Refusal::setting).toList());
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void noSettingFailsOverAnyText(Setting setting)
    {
        for (String value : List.of("", " ", "\n", "\u0000", "99999999999999999999", "-", "%s", "x".repeat(10_000), "1d\n", "TRUE "))
        {
            setting.fault(value).ifPresent(refusal ->
            {
                assertEquals(1, refusal.line().lines().count(), refusal::line);
                assertTrue(refusal.line().length() < 400, refusal::line);
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"mode, 'cache, ticket or off'", "closeAtDeadline, true or false", "clockSkew, '1 to 3600 seconds'",
        "admin.port, 0 to 65535", "redis.prefix, 1 to 64 characters of ASCII"})
    void anEmptyValueIsCalledEmpty(String name, String remedy)
    {
        Refusal refusal = SettingNames.faults(Map.of("jetty.tlsResumption." + name, " ")).get(0);
        assertEquals("is empty", refusal.problem());
        assertTrue(refusal.remedy().startsWith("set " + remedy), refusal::line);
    }

    @ParameterizedTest
    @CsvSource({"closeAtDeadline, true", "closeAtDeadline, FALSE", "mode, Ticket", "maxSessionDuration, 1d", "maxSessionDuration, 604800s",
        "maxSessionDuration, 1000ms", "redis.timeout, 1s", "jdbc.timeout, 50", "admin.port, 0", "rules, ''", "client.ipv6Prefix, 128"})
    void whatASettingTakes(String name, String value)
    {
        assertEquals(List.of(), SettingNames.faults(Map.of("jetty.tlsResumption." + name, value)));
    }

    @ParameterizedTest
    @CsvSource({"closeAtDeadline, 1", "closeAtDeadline, on", "closeAtDeadline, ''", "maxSessionDuration, 1.5h", "maxSessionDuration, 1D",
        "maxSessionDuration, 1500ms", "maxSessionDuration, 0d", "maxSessionDuration, PT1H", "redis.timeout, 0", "redis.timeout, 11s",
        "admin.port, 65536", "maxForgotten, 1e6", "jdbc.poolSize, +8"})
    void whatASettingDoesNotTake(String name, String value)
    {
        assertEquals(1, SettingNames.faults(Map.of("jetty.tlsResumption." + name, value)).size());
    }

    @Test
    void unitsOfDurations()
    {
        assertEquals(
            Stream.of(50L, 90_000L, 1_800_000L, 28_800_000L, 604_800_000L, 7_000L).map(Duration::ofMillis).map(Optional::of).toList(),
            Stream.of("50ms", "90s", "30m", "8h", "7d", " 7 ").map(text -> Durations.parse(text, ChronoUnit.SECONDS)).toList());
    }

    @Test
    void aMessageIsTakenApartIntoSettingProblemAndRemedy()
    {
        assertEquals("tls-resumption refuses to start: jetty.tlsResumption.a.b: is 1; set 2",
            Refusal.of(new IllegalStateException("jetty.tlsResumption.a.b is 1: set 2"), "jetty.c").line());
        assertEquals("tls-resumption refuses to start: jetty.sslContext.b: the file /x is open; chmod 600 /x",
            Refusal.of(new IllegalStateException("jetty.sslContext.b: the file /x is open: chmod 600 /x"), "jetty.c").line());
        assertEquals("tls-resumption refuses to start: jetty.c: jetty.example.com: no such host; create it",
            Refusal.of(new IllegalStateException("jetty.example.com: no such host: create it"), "jetty.c").line());
        assertEquals("tls-resumption refuses to start: jetty.c: error: X: method Y is missing; remove the jar: /y",
            Refusal.of(new IllegalStateException("error: X: method Y is missing. What to do: remove the jar: /y"), "jetty.c").line());
        assertEquals("tls-resumption refuses to start: jetty.c: the file /x cannot be used: no ring. It is kept; mv /x",
            Refusal.of(new IllegalStateException("the file /x cannot be used: no ring. It is kept. What to do: mv /x"), "jetty.c").line());
        assertEquals("tls-resumption refuses to start: jdk.tls.x: is 0; remove it; or set jetty.a=b",
            Refusal.of(new IllegalStateException("the system property jdk.tls.x is 0: remove it; or set jetty.a=b"), "jetty.c").line());
        assertEquals("tls-resumption refuses to start: jetty.c: two lines",
            Refusal.of(new IllegalStateException("two\n  lines"), "jetty.c").line());
        assertEquals("tls-resumption refuses to start: jetty.c: java.lang.IllegalStateException",
            Refusal.of(new IllegalStateException(), "jetty.c").line());
    }
}

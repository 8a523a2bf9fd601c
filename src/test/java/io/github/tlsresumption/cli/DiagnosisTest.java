package io.github.tlsresumption.cli;

import java.util.List;

import io.github.tlsresumption.cli.Finding.Level;
import io.github.tlsresumption.cli.ScriptedServers.Script;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What {@code check} says of servers: a problem only where somebody is hurt.
 */
class DiagnosisTest
{
    private static final String OTHER = "other.invalid";

    @Test
    void aServerThatDoesNotBindSessionsToHostsIsHealthy()
    {
        CheckResult result = check(new Script());

        assertEquals(0, result.count(Level.PROBLEM), result::toString);
        assertEquals(0, result.exit());
        assertTrue(says(result, Level.NOTE, "not bound to the host"), result::toString);
    }

    @Test
    void resumptionThatGoesAroundARefusalIsAProblem()
    {
        CheckResult result = check(new Script().refuses(OTHER));

        assertEquals(1, result.exit());
        assertTrue(says(result, Level.PROBLEM, "another host, where a client without it is turned away"), result::toString);
        assertEquals(0, check(new Script().refuses(OTHER).boundToHosts()).exit());
    }

    @Test
    void resumptionThatGoesAroundAClientCertificateIsAWarningAsItMayBeAskedForLater()
    {
        CheckResult result = check(new Script().asksForCertificate(OTHER));

        assertEquals(0, result.exit());
        assertTrue(says(result, Level.WARNING, "another host, where a client without it is asked for a certificate"), result::toString);
    }

    @Test
    void resumptionThatIsOffIsCalledOff()
    {
        CheckResult result = check(new Script().ticketBytes(0).noIds());

        assertAll(result::toString,
            () -> assertEquals(0, result.exit()),
            () -> assertEquals(List.of(Resumption.OFF, Resumption.OFF, Resumption.OFF), resumption(result)),
            () -> assertTrue(says(result, Level.NOTE, "resumption is off")));
        assertEquals(1, new ScriptedServers().with(1, new Script().ticketBytes(0).noIds()).check(true, OTHER, 1).exit());
    }

    @Test
    void namesOfSessionsThatAreNotKeptAreOffInTls13AndABrokenCacheInTls12()
    {
        // OpenSSL gives such names of TLS 1.3 when it keeps no sessions.
        CheckResult result = check(new Script().ticketBytes(32).noIds().resumes(offer -> false));

        assertEquals(List.of(Resumption.OFF, Resumption.BROKEN, Resumption.OFF), resumption(result), result::toString);
    }

    @Test
    void aServerThatIsColdAtFirstIsHealthy()
    {
        CheckResult result = check(new Script().resumes(offer -> offer > 1));

        assertEquals(0, result.exit(), result::toString);
        assertTrue(says(result, Level.NOTE, "the first session was not resumed, the 4 after it were"), result::toString);
        assertEquals(Resumption.COLD, resumption(result).get(0));
    }

    @Test
    void resumptionByLuckIsAProblem()
    {
        // One session in three is resumed, as behind a balancer.
        CheckResult result = check(new Script().resumes(offer -> offer % 3 == 0));

        assertEquals(1, result.exit());
        assertTrue(says(result, Level.PROBLEM, "matter of luck"), result::toString);
    }

    @Test
    void ticketsThatAreNeverTakenAreAProblem()
    {
        CheckResult result = check(new Script().resumes(offer -> false));

        assertEquals(1, result.exit());
        assertTrue(says(result, Level.PROBLEM, "no session is resumed, though a ticket is given"), result::toString);
        assertEquals(Resumption.BROKEN, resumption(result).get(0));
    }

    @Test
    void clientsWithTicketsThatAloneAreNotResumedAreAProblem()
    {
        CheckResult result = check(new Script().ticketBytes(0).idsOnlyWithoutTickets());

        assertEquals(List.of(Resumption.OFF, Resumption.BROKEN, Resumption.ON), resumption(result), result::toString);
        assertTrue(says(result, Level.PROBLEM, "no session is resumed, and no ticket given"), result::toString);
    }

    @Test
    void nodesWithoutCommonKeysAreAProblemOnceAndNotByChance()
    {
        ScriptedServers apart = new ScriptedServers().with(1, new Script()).with(2, new Script().keys("others"));
        CheckResult result = apart.check(false, OTHER, 1, 2);
        assertEquals(1, result.exit());
        assertTrue(says(result, Level.PROBLEM, "a session of the one is not resumed by the other"), result::toString);

        // The first offer from elsewhere is not resumed, as by a node that has yet to read the keys of the others.
        int own = result.counts().connections();
        assertTrue(own > 30, "connections: " + own);
        ScriptedServers late = new ScriptedServers().with(1, new Script())
            .with(2, new Script().resumes(offer -> offer != offersOf(new Script()) + 1));
        assertEquals(0, late.check(false, OTHER, 1, 2).exit());
    }

    @Test
    void aNodeOnWhichResumptionIsOffAloneIsAProblem()
    {
        CheckResult result = new ScriptedServers().with(1, new Script()).with(2, new Script().keys("none").ticketBytes(0).noIds())
            .check(false, OTHER, 1, 2);

        assertEquals(1, result.exit());
        assertTrue(result.findings().stream().anyMatch(finding -> finding.level() == Level.PROBLEM
            && finding.advice().contains("resumption is off at the other")), result::toString);
    }

    /*
     * How many offers a healthy server gets from its own examination, by each client.
     */
    private static int offersOf(Script script)
    {
        int[] most = {0};
        check(script.resumes(offer ->
        {
            most[0] = Math.max(most[0], offer);
            return true;
        }));
        return most[0];
    }

    @Test
    void whatServersCountIsCounted()
    {
        CheckResult result = check(new Script().boundToHosts());

        assertEquals(6, result.counts().otherHosts());
        assertEquals(2, result.counts().tampered());
        assertTrue(result.json().toString().contains("\"probes\":{\"connections\":" + result.counts().connections()), result::toString);
    }

    private static CheckResult check(Script script)
    {
        return new ScriptedServers().with(1, script).check(false, OTHER, 1);
    }

    private static List<Resumption> resumption(CheckResult result)
    {
        NodeReport report = result.reports().get(0);
        return report.examinations().stream().map(report::resumption).toList();
    }

    private static boolean says(CheckResult result, Level level, String what)
    {
        return result.findings().stream().anyMatch(finding -> finding.level() == level && finding.what().contains(what));
    }
}

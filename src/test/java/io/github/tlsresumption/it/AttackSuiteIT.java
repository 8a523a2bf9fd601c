package io.github.tlsresumption.it;

import java.io.IOException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import static org.junit.jupiter.api.Assertions.assertFalse;

/**
 * Thirty attacks on tickets, keys, stores and clocks. What most of them must come to is FULL: a full handshake is completed, the
 * client is served, one reason is counted, and nothing is in the log that should not be. The table at the end says what was seen.
 */
@StartsProcesses
@TestMethodOrder(MethodOrderer.MethodName.class)
class AttackSuiteIT
{
    private static final AttackTable TABLE = new AttackTable();
    private static final AttackServers SERVERS = new AttackServers();

    private final TicketAttacks tickets = new TicketAttacks(SERVERS, TABLE);
    private final KeyAttacks keys = new KeyAttacks(SERVERS, TABLE);
    private final PlaceAttacks places = new PlaceAttacks(SERVERS, TABLE);
    private final LifeAttacks lives = new LifeAttacks(SERVERS, TABLE);

    @BeforeAll
    static void start() throws IOException
    {
        SERVERS.start();
    }

    @AfterAll
    static void stop()
    {
        SERVERS.close();
        System.out.println("Attacks on JDK " + Runtime.version() + TABLE);
    }

    @AfterEach
    void noStackTraceIsInALog()
    {
        for (AttackServers.Node node : SERVERS.quiet())
        {
            String log = node.jetty().log();
            assertFalse(log.contains("\tat "), log);
        }
    }

    @Test
    void case01_bitFlips()
    {
        tickets.bitFlips();
    }

    @Test
    void case02_truncationAndExtension()
    {
        tickets.truncationAndExtension();
    }

    @Test
    void case03_randomTickets() throws Exception
    {
        tickets.randomTickets();
    }

    @Test
    void case04_identityFlood() throws Exception
    {
        tickets.identityFlood();
    }

    @Test
    void case05_weakKeys() throws Exception
    {
        keys.weakKeys();
    }

    @Test
    void case06_sealException() throws Exception
    {
        keys.sealingFails();
    }

    @Test
    void case07_sealAndUnsealError() throws Exception
    {
        keys.openingFails();
    }

    @Test
    void case08_hostilePlaintext() throws Exception
    {
        keys.hostileStates();
    }

    @Test
    void case09_oversize()
    {
        tickets.oversize();
    }

    @Test
    void case10_crossJdk() throws IOException
    {
        tickets.otherJdk();
    }

    @Test
    void case11_rotationOverlap() throws Exception
    {
        keys.rotationOverlap();
    }

    @OnAnyJdk
    @Test
    void case12_concurrentRotation() throws Exception
    {
        keys.concurrentRotation();
    }

    @Test
    void case13_keyPeriodOfSunJsse()
    {
        keys.keyPeriodOfSunJsse();
    }

    @Test
    void case14_freshAndIdleNode()
    {
        keys.freshAndIdleNode();
    }

    @OnAnyJdk
    @Test
    void case15_propagationLag() throws Exception
    {
        keys.propagationLag();
    }

    @OnAnyJdk
    @Test
    void case16_storeFaults() throws Exception
    {
        keys.storeFaults();
    }

    @OnAnyJdk
    @Test
    void case17_storeTampered() throws Exception
    {
        keys.storeTampered();
    }

    @Test
    void case18_maximumDuration() throws Exception
    {
        lives.maximumDuration();
    }

    @Test
    void case19_clientIgnoresTheLifetime()
    {
        tickets.clientIgnoresTheLifetime();
    }

    @OnAnyJdk
    @Test
    void case20_clockFaults() throws Exception
    {
        lives.clockFaults();
    }

    @Test
    void case21_forget() throws Exception
    {
        lives.forget();
    }

    @OnAnyJdk
    @Test
    void case22_forgetListLimits() throws Exception
    {
        lives.forgetListLimits();
    }

    @Test
    void case23_crossConnector()
    {
        places.crossConnector();
    }

    @Test
    void case24_trustChange() throws Exception
    {
        places.trustChange();
    }

    @Test
    void case25_sniMatrix() throws Exception
    {
        places.sniMatrix();
    }

    @Test
    void case26_severalCertificates() throws IOException
    {
        places.severalCertificates();
    }

    @Test
    void case27_boundValues() throws Exception
    {
        places.boundValues();
    }

    @Test
    void case28_downgradeAndMix()
    {
        tickets.downgradeAndMix();
    }

    @Test
    void case29_replayAndTracking() throws Exception
    {
        tickets.replayAndTracking();
    }

    @Test
    void case30_soakAndHygiene() throws Exception
    {
        lives.soakAndHygiene();
    }
}

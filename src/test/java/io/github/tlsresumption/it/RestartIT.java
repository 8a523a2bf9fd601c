package io.github.tlsresumption.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static io.github.tlsresumption.it.ModuleBase.openSsl;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Tickets outlive the process and the key store's reload; the cache does not, and no client is worse off for it.
 */
@StartsProcesses
@OnEachEngine
class RestartIT
{
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ticketsOutliveTheProcess(boolean graceful)
    {
        JettyProcess before = ModuleBase.probed("restart-ticket", "ticket", "ticket").start();
        List<OpenSsl> clients = clients(before);
        List<Object> ids = clients.stream().map(client -> client.connect().reply().json().get("id")).toList();
        if (graceful)
        {
            before.stop();
        }
        else
        {
            before.kill();
        }
        try (JettyProcess after = before.again())
        {
            assertEquals(before.port(), after.port());
            // The first of them is the first connection of the new process.
            for (int i = 0; i < clients.size(); i++)
            {
                Object id = ids.get(i);
                OpenSsl.Result resumed = clients.get(i).connect();
                assertAll(
                    () -> assertTrue(resumed.reused(), resumed::output),
                    () -> assertEquals(200, resumed.reply().status(), resumed::output),
                    () -> assertEquals(id, resumed.reply().json().get("id"), resumed::output));
            }
            clients.forEach(client -> assertTrue(client.connect().reused()));
        }
    }

    @Test
    void ticketsOutliveTwoRestarts()
    {
        JettyProcess first = ModuleBase.probed("restart-twice", "ticket", "ticket").start();
        List<OpenSsl> clients = clients(first);
        clients.forEach(OpenSsl::connect);
        first.stop();
        JettyProcess second = first.again();
        second.stop();
        try (JettyProcess third = second.again())
        {
            assertEquals(first.port(), third.port());
            clients.forEach(client -> assertTrue(client.connect().reused()));
        }
    }

    @Test
    void cacheEndsWithTheProcess()
    {
        JettyProcess before = ModuleBase.probed("restart-cache", "cache", "cache").start();
        List<OpenSsl> clients = clients(before);
        clients.forEach(OpenSsl::connect);
        clients.forEach(client -> assertTrue(client.connect().reused()));
        before.stop();
        try (JettyProcess after = before.again())
        {
            assertEquals(before.port(), after.port());
            for (OpenSsl client : clients)
            {
                OpenSsl.Result full = client.connect();
                OpenSsl.Result resumed = client.connect();
                assertAll(
                    () -> assertFalse(full.reused(), full::output),
                    () -> assertEquals(0, full.exit(), full::output),
                    () -> assertEquals(200, full.reply().status(), full::output),
                    () -> assertTrue(resumed.reused(), resumed::output));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"ticket,ticket", "cache,cache"})
    void reloadOfTheKeyStoreLosesNoTicket(String mode, String tls12Mode)
    {
        JettyBase base = ModuleBase.probed("reload-" + mode, mode, tls12Mode).modules("ssl-reload");
        try (JettyProcess jetty = base.start())
        {
            List<OpenSsl> clients = clients(jetty);
            clients.forEach(OpenSsl::connect);
            for (int i = 0; i < 3; i++)
            {
                jetty.reloadKeyStore();
                for (OpenSsl client : clients)
                {
                    OpenSsl.Result resumed = client.connect();
                    assertTrue(resumed.reused(), resumed::output);
                    assertEquals(200, resumed.reply().status(), resumed::output);
                }
            }
        }
    }

    @Test
    void newCertificateVoidsTicketsOfTheOld()
    {
        JettyBase base = ModuleBase.probed("reload-new", "ticket", "ticket").modules("ssl-reload");
        try (JettyProcess jetty = base.start())
        {
            List<OpenSsl> clients = clients(jetty);
            clients.forEach(OpenSsl::connect);
            Path keys = KeyMaterial.newServer(base.path().resolve("new.p12"), List.of(KeyMaterial.Algorithm.EC), ONE, TWO);
            base.copy(keys, "etc/keystore.p12");
            jetty.reloadKeyStore();
            for (OpenSsl client : clients)
            {
                OpenSsl.Result full = client.connect();
                OpenSsl.Result resumed = client.connect();
                assertAll(
                    () -> assertFalse(full.reused(), full::output),
                    () -> assertEquals(200, full.reply().status(), full::output),
                    () -> assertTrue(resumed.reused(), resumed::output));
            }
        }
    }

    private static List<OpenSsl> clients(JettyProcess jetty)
    {
        List<OpenSsl> clients = new ArrayList<>();
        for (String protocol : List.of(TLS12, TLS13))
        {
            for (String host : List.of(TWO, ONE))
            {
                clients.add(openSsl(jetty, host, protocol));
            }
        }
        return clients;
    }
}

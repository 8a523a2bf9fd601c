package io.github.tlsresumption.it;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Who the clients are is in no flight recording, with all events of ours and those of the JDK's profile.
 */
@StartsProcesses
class IdentityHygieneIT
{
    private static final String ADDRESS = "127.0.7.99";
    private static final String USER = "alice-in-wonderland";
    private static final String SUBJECT = "client-of-the-looking-glass";
    private static final String EVENTS = "io.github.tlsresumption.";

    @Test
    void noRecordingNamesTheClients() throws Exception
    {
        KeyMaterial.ClientAuthority authority = KeyMaterial.clientAuthority("identity");
        JettyBase base = ModuleBase.probed("identity", "ticket", "cache").modules("jmx").clientAuth(authority, "want");
        Path recording = base.path().resolve("recording.jfr");
        try (JettyProcess jetty = base.start(); Jmx jmx = Jmx.connect(jetty))
        {
            jcmd(jetty, "JFR.start", "name=all", "settings=profile", "+" + EVENTS + "TicketSealed#enabled=true",
                "+" + EVENTS + "TicketOpened#enabled=true", "+" + EVENTS + "SessionRefused#enabled=true");
            for (String protocol : List.of(TLS13, TLS12))
            {
                OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(protocol).from(ADDRESS)
                    .certificate(authority.issue(SUBJECT)).path(Probe.PATH + "session?principal=" + USER);
                assertTrue(client.connect().connected());
                OpenSsl.Result resumed = client.connect();
                assertTrue(resumed.reused(), resumed::output);
                assertEquals(200, resumed.reply().status(), resumed::output);
                // Of a refusal too.
                client.copy().host(ModuleBase.TWO).connect();
            }
            jmx.invoke("forgetPrincipal", USER);
            jcmd(jetty, "JFR.dump", "name=all", "filename=" + recording);
            String recorded = Files.readString(recording, StandardCharsets.ISO_8859_1);
            Set<String> events = RecordingFile.readAllEvents(recording).stream().map(event -> event.getEventType().getName())
                .filter(name -> name.startsWith(EVENTS)).collect(Collectors.toSet());
            assertEquals(Set.of(EVENTS + "TicketSealed", EVENTS + "TicketOpened", EVENTS + "SessionRefused"), events);
            assertAll(
                () -> assertFalse(recorded.contains(USER), "the user"),
                () -> assertFalse(recorded.contains(SUBJECT), "the certificate"));
        }
    }

    private static void jcmd(JettyProcess jetty, String... words)
    {
        List<String> command = new ArrayList<>();
        command.add(JettyHome.java().resolveSibling("jcmd").toString());
        command.add(String.valueOf(jetty.serverPid()));
        command.addAll(List.of(words));
        Command.run(null, command).succeeded();
    }
}

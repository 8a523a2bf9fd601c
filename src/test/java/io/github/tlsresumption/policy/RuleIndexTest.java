package io.github.tlsresumption.policy;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The index finds what one finds who looks at all rules in turn.
 */
class RuleIndexTest
{
    private static final ConnectorTerms DEFAULTS = new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.CACHE, Duration.ofDays(1));
    /** Each with some values of which some match some of the clients below. */
    private static final List<List<String>> CONDITIONS = List.of(
        List.of("host=one.test", "host=*.one.test", "host=none", "host=two.test,*.two.test,none", "host=*.test", "host=A.One.Test"),
        List.of("network=10.0.0.0/8", "network=10.1.0.0/16", "network=10.1.2.3", "network=0.0.0.0/0", "network=::/0",
            "network=2001:db8::/32,10.1.2.0/24", "network=2001:db8::1", "network=192.0.2.0/25,192.0.2.128/25", "network=10.0.0.0/9"),
        List.of("protocol=TLSv1.3", "protocol=TLSv1.2", "protocol=TLSv1.2,TLSv1.3"),
        List.of("certificate=any", "certificate=none"),
        List.of("certificate.subject=\"CN=Alice, O=Example\"", "certificate.subject=\"cn=alice,o=example\"", "certificate.subject=CN=Bob"),
        List.of("certificate.issuer=\"CN=Users, O=Example\"", "certificate.issuer=CN=Root"),
        List.of("certificate.san=dns:alice.example.com", "certificate.san=dns:*.example.com", "certificate.san=email:Alice@EXAMPLE.com",
            "certificate.san=email:alice@example.com", "certificate.san=uri:spiffe://example.com/alice", "certificate.san=ip:192.0.2.7",
            "certificate.san=ip:2001:db8::7,dns:bob.example.com"),
        List.of("certificate.spki=sha256:" + "ab".repeat(32), "certificate.spki=sha256:" + "ab".repeat(32) + ",sha256:" + "cd".repeat(32)));
    private static final List<X509Certificate> CERTIFICATES = List.of(
        Certificates.of("CN=Alice, O=Example", "CN=Users, O=Example", new GeneralName(GeneralName.rfc822Name, "Alice@Example.com"),
            new GeneralName(GeneralName.dNSName, "Alice.Example.com"),
            new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://example.com/alice"),
            new GeneralName(GeneralName.iPAddress, "192.0.2.7"), new GeneralName(GeneralName.iPAddress, "2001:db8::7")),
        Certificates.of("CN=Bob", "CN=Root", new GeneralName(GeneralName.dNSName, "bob.example.com")),
        Certificates.withBrokenAlternativeNames("CN=Carol", "CN=Root"));
    private static final List<String> HOSTS = List.of("one.test", "a.one.test", "two.test", "x.two.test", "a.b.one.test", "test");
    private static final List<String> ADDRESSES =
        List.of("10.1.2.3", "10.200.0.1", "192.0.2.200", "2001:db8::1", "2001:db8:1::1", "fe80::1%eth0", "::ffff:10.1.2.3", "no.address");

    private static <T> Optional<T> maybe(Random random, List<T> values)
    {
        int place = random.nextInt(values.size() + 1);
        return place == values.size() ? Optional.empty() : Optional.of(values.get(place));
    }

    private static List<Rule> rules(String text)
    {
        return new RuleParser("test", text, DEFAULTS).parse();
    }

    @RepeatedTest(200)
    void asIfAllWereLookedAt(RepetitionInfo repetition)
    {
        Random random = new Random(repetition.getCurrentRepetition());
        StringBuilder text = new StringBuilder();
        int count = random.nextInt(40);
        for (int i = 0; i < count; i++)
        {
            text.append("rule").append(i);
            List<List<String>> conditions = new ArrayList<>(CONDITIONS);
            Collections.shuffle(conditions, random);
            boolean none = false;
            for (List<String> values : conditions.subList(0, 1 + random.nextInt(3)))
            {
                String condition = values.get(random.nextInt(values.size()));
                // certificate=none goes with no other condition on certificates.
                if (!condition.startsWith("certificate") || !none)
                {
                    text.append(' ').append(condition);
                    none |= condition.startsWith("certificate");
                }
            }
            text.append('\n');
        }
        List<Rule> rules = rules(text.toString());
        RuleIndex index = new RuleIndex(rules);
        for (int i = 0; i < 50; i++)
        {
            Client client = new Client(Conditions.PROTOCOLS.get(random.nextInt(2)), maybe(random, HOSTS), maybe(random, ADDRESSES),
                maybe(random, CERTIFICATES).stream().toList());
            Optional<Rule> expected = rules.stream().filter(rule -> rule.matches(new Facts(client))).findFirst();
            assertEquals(expected, index.first(new Facts(client)), () -> client + " by the rules\n" + text);
        }
    }

    /** Whatever decides on the rule: its host, its network, or the client's certificate. */
    @Test
    void fewRulesAreLookedAtWhateverTheirNumber()
    {
        AtomicInteger looks = new AtomicInteger();
        List<Rule> rules = IntStream.range(0, 30_000).mapToObj(i -> rules("rule" + i + ' ' + switch (i % 3)
        {
            // A host that all have says little; the rule is found by the network.
            case 0 -> "host=one.test network=10." + (i >> 8 & 255) + '.' + (i & 255) + ".0/24";
            case 1 -> "protocol=TLSv1.3 host=host" + i + ".test";
            default -> "certificate=any certificate.subject=CN=Client" + i;
        }).get(0)).map(rule -> counting(rule, looks)).toList();
        RuleIndex index = new RuleIndex(rules);
        Client client = new Client("TLSv1.3", Optional.of("one.test"), Optional.of("10.0.3.1"), List.of(CERTIFICATES.get(0)));
        assertEquals(Optional.of("rule3"), index.first(new Facts(client)).map(Rule::name));
        Client stranger = new Client("TLSv1.3", Optional.of("two.test"), Optional.of("192.0.2.1"), List.of());
        assertEquals(Optional.empty(), index.first(new Facts(stranger)));
        assertTrue(looks.get() <= 2, looks + " rules were looked at");
    }

    private static Rule counting(Rule rule, AtomicInteger looks)
    {
        List<Condition> conditions = new ArrayList<>(rule.conditions());
        Condition first = conditions.get(0);
        conditions.set(0, Condition.of(first.traits(), facts ->
        {
            looks.incrementAndGet();
            return first.matches(facts);
        }));
        return new Rule(rule.name(), conditions, rule.mode(), rule.maxDuration(), rule.singleUse(), rule.text());
    }
}

package io.github.tlsresumption.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.tlsresumption.Trials;
import io.github.tlsresumption.jsse.ClientHelloFuzz;
import io.github.tlsresumption.jsse.StateFuzz;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * No input breaks a parser: all that is kept from fuzzing, and some that is near to it. {@code src/test/fuzz.sh} looks for more.
 */
class FuzzTest
{
    private static final Path KEPT = Path.of("src/test/resources/fuzz");
    private static final int TRIALS = 2_000;
    private static final int MAX_BYTES = 4_096;

    static Stream<Arguments> targets()
    {
        return Stream.of(
            target("TicketFuzz", TicketFuzz::fuzzerTestOneInput),
            target("RulesFuzz", RulesFuzz::fuzzerTestOneInput),
            target("TicketKeyRingFuzz", TicketKeyRingFuzz::fuzzerTestOneInput),
            target("ForgetLogLinesFuzz", ForgetLogLinesFuzz::fuzzerTestOneInput),
            target("SessionKeyFuzz", SessionKeyFuzz::fuzzerTestOneInput),
            target("ClientHelloFuzz", ClientHelloFuzz::fuzzerTestOneInput),
            target("StateFuzz", StateFuzz::fuzzerTestOneInput));
    }

    private static Arguments target(String name, Consumer<byte[]> target)
    {
        return arguments(name, target);
    }

    @ParameterizedTest
    @MethodSource("targets")
    void noInputBreaksAParser(String name, Consumer<byte[]> target) throws IOException
    {
        List<byte[]> kept = new ArrayList<>();
        try (Stream<Path> files = Files.list(KEPT.resolve(name)))
        {
            for (Path file : files.toList())
            {
                kept.add(Files.readAllBytes(file));
            }
        }
        assertFalse(kept.isEmpty());
        kept.forEach(target);
        Trials.run(TRIALS, random -> target.accept(near(random, kept)));
    }

    private static byte[] near(Random random, List<byte[]> kept)
    {
        byte[] data = kept.get(random.nextInt(kept.size())).clone();
        for (int changes = random.nextInt(4); changes >= 0; changes--)
        {
            int at = random.nextInt(data.length + 1);
            byte[] more = Trials.bytes(random, random.nextInt(8));
            int to = Math.min(data.length, at + random.nextInt(8));
            byte[] next = Arrays.copyOf(data, at + more.length + data.length - to);
            System.arraycopy(more, 0, next, at, more.length);
            System.arraycopy(data, to, next, at + more.length, data.length - to);
            data = next.length > MAX_BYTES ? Arrays.copyOf(next, MAX_BYTES) : next;
        }
        return data;
    }
}

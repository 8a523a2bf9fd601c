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

import static org.junit.jupiter.api.Assertions.assertFalse;

/**
 * What is kept for a fuzz target.
 */
public final class KeptInputs
{
    private static final Path KEPT = Path.of("src/test/resources/fuzz");
    private static final int MAX_BYTES = 4_096;

    private final List<byte[]> kept;

    private KeptInputs(List<byte[]> kept)
    {
        this.kept = kept;
    }

    /**
     * @param target its simple name
     * @return its inputs
     */
    public static KeptInputs of(String target) throws IOException
    {
        List<byte[]> kept = new ArrayList<>();
        try (Stream<Path> files = Files.list(KEPT.resolve(target)))
        {
            for (Path file : files.toList())
            {
                kept.add(Files.readAllBytes(file));
            }
        }
        assertFalse(kept.isEmpty());
        return new KeptInputs(kept);
    }

    /**
     * Gives a target all of them, and some that are near to them.
     *
     * @param trials how many that are near
     * @param target throws at an input that breaks it
     */
    public void run(int trials, Consumer<byte[]> target)
    {
        kept.forEach(target);
        Trials.run(trials, random -> target.accept(near(random)));
    }

    private byte[] near(Random random)
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

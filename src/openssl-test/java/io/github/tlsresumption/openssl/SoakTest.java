package io.github.tlsresumption.openssl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * The short version of {@link Soak}, in a process of its own: nothing else is there that could grow.
 */
@Tag("process")
@EnabledIf("io.github.tlsresumption.openssl.Libraries#areThere")
class SoakTest
{
    /** For each library. */
    private static final int CONNECTIONS = Integer.getInteger("native.soak", 10_000);

    static List<Path> libraries()
    {
        return Libraries.all();
    }

    @ParameterizedTest
    @MethodSource("libraries")
    void nothingIsLeft(Path library) throws IOException, InterruptedException
    {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        // A heap that is all there from the beginning does not grow.
        Process process = new ProcessBuilder(java, "-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
            Soak.class.getName(), Integer.toString(CONNECTIONS), library.toString(), Libraries.openSsl().orElseThrow().toString())
            .redirectErrorStream(true)
            .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        System.out.println(output);
        assertEquals(0, process.waitFor(), output);
    }
}

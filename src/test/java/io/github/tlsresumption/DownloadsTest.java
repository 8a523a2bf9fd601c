package io.github.tlsresumption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import com.zaxxer.hikari.HikariConfig;
import org.conscrypt.Conscrypt;
import org.h2.Driver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What start.jar fetches for a module, and does not check, can be checked against a file of the zip.
 */
class DownloadsTest
{
    private static final Path SUMS = Path.of("jetty-module/lib/tls-resumption/SHA256SUMS");
    private static final Pattern SUM = Pattern.compile("(\\p{XDigit}{64})  (\\S+)");
    private static final Pattern FETCHED =
        Pattern.compile("maven://[\\w-]+(?:\\.[\\w-]+)+/([\\w-]+)/\\$\\{[a-z0-9.-]+}(?:/jar/[\\w-]+)?\\|(\\S+)");
    private static final Pattern VERSION = Pattern.compile("\\$\\{tls-resumption\\.([a-z0-9-]+)\\.version}");

    @Test
    void everyJarThatIsNotInTheZipHasItsSum() throws IOException
    {
        String zip = Files.readString(Path.of("src/assembly/module.xml"));
        // Those that the jar itself needs are in the zip by their scope.
        Set<String> inZip = new TreeSet<>(Set.of("caffeine"));
        Pattern.compile("<include>[\\w.-]+:([\\w.-]+)</include>").matcher(zip).results().forEach(found -> inZip.add(found.group(1)));
        Set<String> expected = new TreeSet<>();
        for (Path module : modules())
        {
            for (String line : Files.readAllLines(module).stream().filter(line -> line.contains("://") && line.contains("|")).toList())
            {
                Matcher fetched = FETCHED.matcher(line);
                assertTrue(fetched.matches(), () -> "not maven://group/artifact/version: " + line);
                if (!inZip.contains(fetched.group(1)))
                {
                    expected.add(withVersion(fetched.group(2)));
                }
            }
        }
        assertFalse(expected.isEmpty());
        assertEquals(expected, sums().keySet());
    }

    @ParameterizedTest
    @ValueSource(classes = {HikariConfig.class, Driver.class, AmazonCorrettoCryptoProvider.class, Conscrypt.class})
    void theSumsAreThoseOfTheJarsThatTheTestsRunWith(Class<?> type) throws Exception
    {
        Path jar = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        String sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar)));
        Map<String, String> sums = sums();
        assertTrue(sums.containsValue(sum), () -> jar + " has " + sum + ", which is none of " + sums);
        String artifact = jar.getFileName().toString().replaceFirst("-\\d.*", "");
        assertTrue(sums.entrySet().stream().anyMatch(one -> one.getValue().equals(sum) && one.getKey().contains("/" + artifact + "-")));
    }

    @Test
    void theZipHasTheSums() throws IOException
    {
        assertTrue(Files.readString(Path.of("src/assembly/module.xml")).contains("<source>" + SUMS + "</source>"));
    }

    private static List<Path> modules() throws IOException
    {
        try (Stream<Path> files = Files.walk(Path.of("jetty-module/modules")))
        {
            return files.filter(file -> file.toString().endsWith(".mod")).toList();
        }
    }

    private static String withVersion(String path) throws IOException
    {
        Matcher version = VERSION.matcher(path);
        assertTrue(version.find(), path);
        Matcher value = Pattern.compile("<" + version.group(1) + "\\.version>([^<]+)<").matcher(Files.readString(Path.of("pom.xml")));
        assertTrue(value.find(), path);
        return version.replaceAll(value.group(1));
    }

    private static Map<String, String> sums() throws IOException
    {
        return Files.readAllLines(SUMS).stream().map(line ->
        {
            Matcher sum = SUM.matcher(line);
            assertTrue(sum.matches(), line);
            return sum;
        }).collect(Collectors.toMap(sum -> sum.group(2), sum -> sum.group(1), (one, other) -> one, TreeMap::new));
    }
}

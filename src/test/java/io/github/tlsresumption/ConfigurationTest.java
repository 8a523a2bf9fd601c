package io.github.tlsresumption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.tlsresumption.settings.SettingNames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The properties that the module's XML reads are those that its ini file and docs/configuration.md explain, and that the factory has.
 */
class ConfigurationTest
{
    private static final String NAME = "(jetty\\.tlsResumption\\.[A-Za-z0-9]+(?:\\.[A-Za-z0-9]+)?)";

    @ParameterizedTest
    @ValueSource(strings = {"tls-resumption", "tls-resumption-redis", "tls-resumption-jdbc", "tls-resumption-admin-connector",
        "tls-resumption-second-connector"})
    void theIniTemplateHasEveryProperty(String module) throws IOException
    {
        assertEquals(namesOfXml(module), names("jetty-module/modules/" + module + ".mod", "(?m)^# " + NAME + "="));
    }

    @Test
    void theDocumentHasEveryProperty() throws IOException
    {
        Set<String> names = namesOfXml("tls-resumption");
        names.addAll(namesOfXml("tls-resumption-redis"));
        names.addAll(namesOfXml("tls-resumption-jdbc"));
        names.addAll(namesOfXml("tls-resumption-admin-connector"));
        names.addAll(namesOfXml("tls-resumption-second-connector"));
        assertEquals(names, names("docs/configuration.md", "(?m)^\\| `" + NAME + "` \\|"));
    }

    /**
     * So that no property of a module is taken for a typing error, and none that no module reads is taken.
     */
    @Test
    void theNamesThatAreKnownAreThoseOfTheModules() throws IOException
    {
        Set<String> names = new TreeSet<>();
        Pattern ini = Pattern.compile("(?m)^#? ?((?:jetty\\.tlsResumption|tls-resumption)\\.[\\w.-]+)\\??=");
        Pattern xml = Pattern.compile("\"(jetty\\.tlsResumption\\.[\\w.]+)\"");
        for (String directory : List.of("jetty-module/modules", "etc"))
        {
            try (Stream<Path> files = Files.walk(Path.of(directory)))
            {
                for (Path file : files.filter(path -> path.toString().matches(".*tls-resumption.*\\.(mod|xml)")).toList())
                {
                    Pattern pattern = file.toString().endsWith(".mod") ? ini : xml;
                    pattern.matcher(Files.readString(file)).results().forEach(result -> names.add(result.group(1)));
                }
            }
        }
        assertEquals(names, new TreeSet<>(SettingNames.all()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"etc/tls-resumption.xml", "etc/tls-resumption-second-connector.xml"})
    void theXmlSetsOnlyWhatTheFactoryHas(String file) throws IOException
    {
        // What is behind the factory's element is a connector's.
        for (String name : names(file, "(?s)<Set name=\"([A-Za-z0-9]+)\"(?=.*<Set name=\"rulesFile\"|[^>]*\"jetty.tlsResumption)"))
        {
            String setter = "set" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
            boolean found = Stream.of(ResumptionSslContextFactory.class.getMethods()).anyMatch(method -> method.getName().equals(setter));
            assertTrue(found, setter);
        }
    }

    private static Set<String> namesOfXml(String module) throws IOException
    {
        return names("etc/" + module + ".xml", "\"" + NAME + "\"");
    }

    private static Set<String> names(String file, String pattern) throws IOException
    {
        Set<String> names = new TreeSet<>();
        Pattern.compile(pattern).matcher(Files.readString(Path.of(file))).results().forEach(result -> names.add(result.group(1)));
        assertTrue(names.size() > 2, "nothing found in " + file);
        return names;
    }
}

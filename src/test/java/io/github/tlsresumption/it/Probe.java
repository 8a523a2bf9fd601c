package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs the {@link ProbeServlet} as a WAR file.
 */
final class Probe
{
    /** Where the probe answers when it is deployed as {@code probe.war}. */
    static final String PATH = "/probe/";

    private static final String WEB_XML = """
        <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.1" metadata-complete="true">
          <servlet>
            <servlet-name>probe</servlet-name>
            <servlet-class>%s</servlet-class>
            <load-on-startup>0</load-on-startup>
          </servlet>
          <servlet>
            <servlet-name>session</servlet-name>
            <servlet-class>%s</servlet-class>
          </servlet>
          <servlet-mapping>
            <servlet-name>session</servlet-name>
            <url-pattern>/session</url-pattern>
          </servlet-mapping>
          <servlet-mapping>
            <servlet-name>probe</servlet-name>
            <url-pattern>/</url-pattern>
          </servlet-mapping>
        </web-app>
        """.formatted(ProbeServlet.class.getName(), SessionServlet.class.getName());
    private static final Path WAR = pack(JettyHome.scratch().resolve("probe-" + ProcessHandle.current().pid() + ".war"));

    private Probe()
    {
    }

    static Path war()
    {
        return WAR;
    }

    private static Path pack(Path file)
    {
        try
        {
            Files.createDirectories(file.getParent());
            try (OutputStream out = Files.newOutputStream(file); ZipOutputStream zip = new ZipOutputStream(out))
            {
                zip.putNextEntry(new ZipEntry("WEB-INF/web.xml"));
                zip.write(WEB_XML.getBytes(StandardCharsets.UTF_8));
                for (Class<?> servlet : List.of(ProbeServlet.class, SessionServlet.class))
                {
                    add(zip, servlet);
                    for (Class<?> nested : servlet.getDeclaredClasses())
                    {
                        add(zip, nested);
                    }
                }
            }
            return file;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(ZipOutputStream zip, Class<?> type) throws IOException
    {
        String file = type.getName().replace('.', '/') + ".class";
        zip.putNextEntry(new ZipEntry("WEB-INF/classes/" + file));
        try (InputStream code = type.getResourceAsStream("/" + file))
        {
            code.transferTo(zip);
        }
        zip.closeEntry();
    }
}

package io.github.tlsresumption.forget;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.regex.Pattern;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.files.GuardedFile;

/**
 * Tells one log from all others, where nodes share ticket keys and each has a log of its own: a node then resumes those sessions alone of
 * which its log knows whether they were forgotten. Random, so that no two logs have the same. Stateless.
 */
public final class LogIdentity
{
    private static final Pattern LINE = Pattern.compile("[0-9a-f]{32}\n");
    private static final int BYTES = 16;
    private static final int MOST_BYTES = 100;

    private LogIdentity()
    {
    }

    /**
     * @return one that no log has had
     */
    public static String fresh()
    {
        return HexFormat.of().formatHex(Random.bytes(BYTES));
    }

    /**
     * Reads it from a small file beside the log, or makes that. One that cannot be read is made anew: then sessions end, and none is
     * resumed wrongly.
     *
     * @param log the log's file, in a directory that is there
     * @return the same at each call, by whatever process of this host, as long as the file is there
     * @throws IOException when the file cannot be used; the message says what to do
     */
    public static String of(Path log) throws IOException
    {
        return of(log, "jetty.tlsResumption.forgetLogFile");
    }

    /**
     * As the other one.
     *
     * @param log the log's file, in a directory that is there
     * @param setting by which an operator has chosen the place, for messages
     * @return the same at each call, by whatever process of this host, as long as the file is there
     * @throws IOException when the file cannot be used; the message says what to do
     */
    public static String of(Path log, String setting) throws IOException
    {
        GuardedFile file = new GuardedFile(GuardedFile.beside(log, ".id"), "the file that tells this forget list from others",
            "who may have changed it", "choose another place in " + setting);
        Path real = file.real();
        return file.locked(real, () ->
        {
            if (Files.exists(real, LinkOption.NOFOLLOW_LINKS))
            {
                file.check(real);
                String line = Files.size(real) > MOST_BYTES ? "" : Files.readString(real, StandardCharsets.ISO_8859_1);
                if (LINE.matcher(line).matches())
                {
                    return line.strip();
                }
            }
            String made = fresh();
            file.replace(real, out -> out.write((made + "\n").getBytes(StandardCharsets.US_ASCII)));
            return made;
        });
    }
}

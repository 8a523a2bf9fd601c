package io.github.tlsresumption.policy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link Rules} from a file in UTF-8, which may change while the server runs. Symbolic links are followed.
 * <p>
 * Whoever owns it calls {@link #poll} now and then. When the new version of the file cannot be used, or the file is gone,
 * the rules read before stay in force until it is mended. Replace the file by renaming a new one over it: one that is
 * looked at while it is being written may seem whole.
 * <p>
 * Thread-safe; questions never wait for the file.
 */
public final class RulesFile implements SessionPolicy
{
    /**
     * How many bytes a file may have.
     */
    public static final int MAX_BYTES = 4 * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(RulesFile.class);
    private static final int READ_ATTEMPTS = 3;

    private final Path file;
    private final ConnectorTerms defaults;
    private volatile State state;
    private Stamp lastRead;

    /**
     * @param rules those in force
     * @param problem what is wrong with the file since
     */
    private record State(Rules rules, Optional<String> problem)
    {
    }

    /**
     * What changes with a file. The key is that of its inode, where there are inodes.
     */
    private record Stamp(long size, FileTime modified, Object key)
    {
    }

    /**
     * Reads the file.
     *
     * @param file where the rules are
     * @param defaults the connector's own terms, as for {@link Rules#parse}
     * @throws RulesException when the file is missing or cannot be read or used
     */
    public RulesFile(Path file, ConnectorTerms defaults)
    {
        this.file = file;
        this.defaults = defaults;
        this.state = new State(read(), Optional.empty());
    }

    @Override
    public SessionTerms terms(Client client)
    {
        return state.rules().terms(client);
    }

    /**
     * @param protocol as JSSE names it
     * @return as {@link Rules#mayResume}, by the rules in force
     */
    public boolean mayResume(String protocol)
    {
        return state.rules().mayResume(protocol);
    }

    /**
     * @param mode a mode
     * @return whether a rule in force says it
     */
    public boolean say(ResumptionMode mode)
    {
        return state.rules().say(mode);
    }

    /**
     * @return the names of the rules in force, in their order
     */
    public List<String> names()
    {
        return state.rules().names();
    }

    /**
     * @param protocol as JSSE names it
     * @return as {@link Rules#terms(String)}, by the rules in force
     */
    public Map<String, SessionTerms> terms(String protocol)
    {
        return state.rules().terms(protocol);
    }

    /**
     * @return what is wrong with the file, so that older rules than those in it are in force; empty when nothing is
     */
    public Optional<String> problem()
    {
        return state.problem();
    }

    /**
     * Reads the file again if it was changed, which is seen by its size, time of modification and inode. A version that
     * cannot be used is logged once, as a warning, and never thrown.
     *
     * @return whether the file was read again and its rules are now in force
     */
    public synchronized boolean poll()
    {
        Optional<String> before = state.problem();
        Stamp last = lastRead;
        // What cannot be looked at is read when it is back, be it the same.
        lastRead = null;
        try
        {
            if (stamp().equals(last))
            {
                lastRead = last;
                return false;
            }
            reload();
            return true;
        }
        catch (RulesException e)
        {
            // What was not read at all is tried again each time, as its stamp may stay the same when it is mended.
            boolean known = lastRead == null && before.equals(Optional.of(e.getMessage()));
            keepRules(e);
            if (!known)
            {
                LOG.warn("{}; the rules read before stay in force", e.getMessage());
            }
            return false;
        }
    }

    /**
     * Reads the file whether it was changed or not.
     *
     * @throws RulesException when it cannot be read or used; the rules read before stay in force
     */
    public synchronized void reload()
    {
        try
        {
            state = new State(read(), Optional.empty());
            LOG.info("{} was read again: {} rules", file, state.rules().names().size());
        }
        catch (RulesException e)
        {
            keepRules(e);
            throw e;
        }
    }

    private void keepRules(RulesException problem)
    {
        state = new State(state.rules(), Optional.of(problem.getMessage()));
    }

    private Rules read()
    {
        lastRead = null;
        for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++)
        {
            Stamp before = stamp();
            byte[] bytes = bytes();
            // Else somebody is writing.
            if (before.equals(stamp()) && before.size() == bytes.length)
            {
                lastRead = before;
                return Rules.parse(file.toString(), decode(bytes), defaults);
            }
        }
        throw fault(0, "the file changes while it is read: replace it by renaming a new one over it", null);
    }

    private Stamp stamp()
    {
        try
        {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile())
            {
                throw fault(0, "this is not a file: mend or remove jetty.tlsResumption.rulesFile", null);
            }
            if (attributes.size() > MAX_BYTES)
            {
                throw fault(0, "the file has more than " + MAX_BYTES + " bytes: is it another one?", null);
            }
            // Most likely somebody is about to write it.
            if (attributes.size() == 0)
            {
                throw fault(0, "the file is empty: write rules, or at least a comment", null);
            }
            return new Stamp(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
        }
        catch (IOException e)
        {
            throw unreadable(e);
        }
    }

    private byte[] bytes()
    {
        try (InputStream in = Files.newInputStream(file))
        {
            return in.readNBytes(MAX_BYTES + 1);
        }
        catch (IOException e)
        {
            throw unreadable(e);
        }
    }

    private String decode(byte[] bytes)
    {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        boolean malformed = decoder.decode(in, out, true).isError();
        String text = out.flip().toString();
        if (malformed)
        {
            throw fault(1 + (int)text.chars().filter(character -> character == '\n').count(), "this is not UTF-8 text", null);
        }
        // Some editors begin a file with a byte order mark.
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private RulesException unreadable(IOException cause)
    {
        String reason = cause instanceof NoSuchFileException ? "there is no such file: create it, or mend or remove "
            : cause instanceof AccessDeniedException ? "the user of the server may not read it: chmod or chown it, or mend "
            : "it cannot be read (" + cause + "): mend it, or remove ";
        return fault(0, reason + "jetty.tlsResumption.rulesFile", cause);
    }

    private RulesException fault(int line, String message, IOException cause)
    {
        return new RulesException(file.toString(), line, message, cause);
    }

    /**
     * @return the file and the rules in force
     */
    @Override
    public String toString()
    {
        return file + ": " + state.rules();
    }
}

package io.github.tlsresumption.settings;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why the server does not start, for the operator.
 *
 * @param setting the name of the setting to change
 * @param problem what is wrong; no secrets
 * @param remedy what to do about it; empty when the problem says so
 */
public record Refusal(String setting, String problem, String remedy)
{
    /** What each line begins with. */
    public static final String PREFIX = "tls-resumption refuses to start: ";

    /** Names of hosts may begin with jetty too. */
    private static final Pattern LEADING_SETTING = Pattern.compile("(?:the system property )?"
        + "((?:jetty\\.(?:tlsResumption|sslContext)|jdk\\.tls)(?:\\.[A-Za-z0-9]+)+)(?=[\\s:])[\\s:]*");
    /** Of "NAME: unusable: what to do" the last part; a path or a URL has no white space behind its colon. */
    private static final String REMEDY = ": ";
    /** Where what is wrong, or what to do, may have such colons itself. */
    private static final String MARKED_REMEDY = ". What to do: ";

    /**
     * Nothing may be null.
     */
    public Refusal
    {
        Objects.requireNonNull(setting);
        Objects.requireNonNull(problem);
        Objects.requireNonNull(remedy);
    }

    /**
     * Messages of this project have the form "what is wrong: what to do", or "what is wrong. What to do: it", and begin with the setting
     * where one is meant, and then a colon or the verb.
     *
     * @param failure from a part of the server that does not start
     * @param otherwise the setting that is meant when the message does not begin with one
     * @return why it does not start
     */
    public static Refusal of(Throwable failure, String otherwise)
    {
        for (Throwable cause = failure; cause != null; cause = cause.getCause())
        {
            if (cause instanceof RefusedException refused)
            {
                return refused.refusal();
            }
        }
        return of(failure.getMessage() == null ? failure.toString() : failure.getMessage(), otherwise);
    }

    /**
     * @param message of one of these forms, which may begin with the setting
     * @param otherwise the setting that is meant when it does not
     * @return the same in parts
     */
    public static Refusal of(String message, String otherwise)
    {
        Matcher named = LEADING_SETTING.matcher(message);
        boolean isNamed = named.lookingAt();
        String rest = isNamed ? message.substring(named.end()) : message;
        String separator = rest.contains(MARKED_REMEDY) ? MARKED_REMEDY : REMEDY;
        int end = rest.lastIndexOf(separator);
        return new Refusal(isNamed ? named.group(1) : otherwise, end < 0 ? rest : rest.substring(0, end),
            end < 0 ? "" : rest.substring(end + separator.length()));
    }

    /**
     * @return {@code SETTING: what is wrong; what to do}, without line ends
     */
    public String message()
    {
        String text = setting + ": " + problem + (remedy.isEmpty() ? "" : "; " + remedy);
        return text.replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }

    /**
     * @return the one line that the operator is to read first
     */
    public String line()
    {
        return PREFIX + message();
    }
}

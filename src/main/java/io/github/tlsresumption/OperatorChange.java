package io.github.tlsresumption;

import java.util.Optional;

/**
 * A change of an operator in words.
 *
 * @param subject what is changed, with its verb: {@code the ticket keys were}
 * @param done what is done to it: {@code rotated}
 */
public record OperatorChange(String subject, String done)
{
    /** The ticket keys are rotated before their time. */
    public static final OperatorChange ROTATE = new OperatorChange("the ticket keys were", "rotated");
    /** Every ticket key is dropped. */
    public static final OperatorChange DROP = new OperatorChange("the ticket keys were", "dropped");
    /** The file of the rules is read. */
    public static final OperatorChange RELOAD_RULES = new OperatorChange("the rules were", "read again");

    private static final int LONGEST = 100;
    /** Enough to tell a session from others. */
    private static final int SHOWN_OF_ID = 16;

    /**
     * @param kind {@code session}, {@code client}, {@code principal}, {@code rule} or {@code everyone}
     * @param name which of that kind
     * @return that these are forgotten
     */
    public static OperatorChange forget(String kind, String name)
    {
        String subject = switch (kind)
        {
            case "session" -> "session " + plain(name, SHOWN_OF_ID) + " was";
            case "client" -> "client " + plain(name) + " was";
            case "principal" -> "user " + plain(name) + " was";
            case "rule" -> "the clients of rule " + plain(name) + " were";
            case "everyone" -> "everyone was";
            default -> "somebody was";
        };
        return new OperatorChange(subject, "forgotten");
    }

    /**
     * @param operation the name of an operation of {@link ManagedSslContextFactory}
     * @param name its parameter, if it has one
     * @return what it changes, in the words for the same change by the admin page; nothing for operations of others
     */
    public static Optional<OperatorChange> of(String operation, String name)
    {
        return Optional.ofNullable(switch (operation)
        {
            case "rotateTicketKeys" -> ROTATE;
            case "dropTicketKeys" -> DROP;
            case "reloadRules" -> RELOAD_RULES;
            case "forgetSession" -> forget("session", name);
            case "forgetClient" -> forget("client", name);
            case "forgetPrincipal" -> forget("principal", name);
            case "forgetRule" -> forget("rule", name);
            case "forgetEveryone" -> forget("everyone", name);
            default -> null;
        });
    }

    /**
     * @param text of somebody else
     * @return the same on one line, and not too long
     */
    static String plain(String text)
    {
        return plain(text, LONGEST);
    }

    private static String plain(String text, int longest)
    {
        String line = text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", " ");
        return line.length() > longest ? line.substring(0, longest) + "..." : line;
    }
}

package io.github.tlsresumption.policy;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.tlsresumption.settings.Durations;

/**
 * Reads rules. For one text only, by one thread.
 * <p>
 * A rule ends with its line or at a {@code ;}, and consists of words between white space: its name, and
 * {@code key=value} or {@code key="value"}. Quotes protect everything up to the next quote, but not the end of the line. A
 * {@code #} at the beginning of a word makes the rest of the line a comment; a backslash at the end of a line joins it
 * with the next one.
 */
final class RuleParser
{
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]*");

    private final String source;
    private final String text;
    private final ConnectorTerms defaults;
    private final List<Rule> rules = new ArrayList<>();
    private final Map<String, Integer> linesOfNames = new HashMap<>();
    private int position;
    private int line = 1;

    /**
     * @param value null without {@code =}
     */
    private record Word(int line, String key, String value)
    {
        @Override
        public String toString()
        {
            if (value == null)
            {
                return key;
            }
            boolean plain = value.chars().noneMatch(character -> character == ';' || Character.isWhitespace(character));
            return key + "=" + (plain ? value : '"' + value + '"');
        }
    }

    RuleParser(String source, String text, ConnectorTerms defaults)
    {
        this.source = source;
        this.text = text;
        this.defaults = defaults;
    }

    /**
     * @return the rules
     * @throws RulesException at the first fault
     */
    List<Rule> parse()
    {
        List<Word> words = new ArrayList<>();
        while (position < text.length())
        {
            char next = text.charAt(position);
            int continued = continuation();
            if (continued > 0)
            {
                position += continued;
                line++;
            }
            else if (next == '\n' || next == ';')
            {
                add(words);
                words.clear();
                position++;
                line += next == '\n' ? 1 : 0;
            }
            else if (Character.isWhitespace(next))
            {
                position++;
            }
            else if (next == '#')
            {
                position = lineEnd();
            }
            else
            {
                words.add(word());
            }
        }
        add(words);
        return List.copyOf(rules);
    }

    /*
     * How many characters a backslash and the end of line behind it have, 0 when they are not next.
     */
    private int continuation()
    {
        return text.startsWith("\\\n", position) ? 2 : text.startsWith("\\\r\n", position) ? 3 : 0;
    }

    private int lineEnd()
    {
        int end = text.indexOf('\n', position);
        return end < 0 ? text.length() : end;
    }

    private boolean atEndOfWord()
    {
        return position == text.length() || text.charAt(position) == ';' || Character.isWhitespace(text.charAt(position))
            || continuation() > 0;
    }

    private Word word()
    {
        int start = position;
        int equals = -1;
        while (!atEndOfWord())
        {
            char next = text.charAt(position);
            if (next == '"')
            {
                if (equals < 0 || equals != position - 1)
                {
                    throw fault(line, "there is a quote within " + RulesException.quote(text.substring(start, position))
                        + ": put quotes around a whole value, key=\"value\"", null);
                }
                return quoted(text.substring(start, equals));
            }
            if (next == '=' && equals < 0)
            {
                equals = position;
            }
            position++;
        }
        return equals < 0 ? new Word(line, text.substring(start, position), null)
            : new Word(line, text.substring(start, equals), text.substring(equals + 1, position));
    }

    private Word quoted(String key)
    {
        int start = position + 1;
        int end = text.indexOf('"', start);
        if (end < 0 || end > lineEnd())
        {
            throw fault(line, "the quote behind " + RulesException.quote(key + "=") + " is not closed in its line", null);
        }
        position = end + 1;
        if (!atEndOfWord())
        {
            throw fault(line, "there is more behind the quoted value of " + RulesException.quote(key) + ": put quotes around a whole "
                + "value, and white space behind it", null);
        }
        return new Word(line, key, text.substring(start, end));
    }

    private void add(List<Word> words)
    {
        if (words.isEmpty())
        {
            return;
        }
        Word first = words.get(0);
        String name = first.key();
        if (first.value() != null || !NAME.matcher(name).matches())
        {
            throw fault(first.line(), RulesException.quote(first.toString()) + " is no name of a rule: begin each rule with a "
                + "name of letters, digits, '_', '.' and '-', a letter first", null);
        }
        Integer before = linesOfNames.putIfAbsent(name, first.line());
        if (before != null)
        {
            throw fault(first.line(), "the name " + RulesException.quote(name) + " is that of the rule in line " + before + ", too: "
                + "give each rule its own", null);
        }
        if (!rules.isEmpty() && rules.get(rules.size() - 1).conditions().isEmpty())
        {
            String last = rules.get(rules.size() - 1).name();
            throw fault(first.line(), "rule " + RulesException.quote(name) + " is never reached, since rule " + RulesException.quote(last)
                + " in line " + linesOfNames.get(last) + " has no conditions and matches every client: move that one to the end", null);
        }
        rules.add(rule(name, words));
    }

    private Rule rule(String name, List<Word> words)
    {
        Set<String> keys = new HashSet<>();
        Map<String, Condition> conditions = new LinkedHashMap<>();
        Optional<ResumptionMode> mode = Optional.empty();
        Duration maxDuration = defaults.maxDuration();
        boolean singleUse = false;
        for (Word word : words.subList(1, words.size()))
        {
            requireValue(word);
            if (!keys.add(word.key()))
            {
                throw fault(word.line(), RulesException.quote(word.key()) + " is repeated in rule " + RulesException.quote(name)
                    + ": write it once", null);
            }
            try
            {
                switch (word.key())
                {
                    case "mode" -> mode = Optional.of(mode(word.value()));
                    case "maxDuration" -> maxDuration = duration(word.value());
                    case "singleUse" -> singleUse = singleUse(word.value());
                    default -> conditions.put(word.key(), Conditions.parse(word.key(), word.value()));
                }
            }
            catch (IllegalArgumentException e)
            {
                throw fault(word.line(), e.getMessage(), e);
            }
        }
        int start = words.get(0).line();
        requirePossible(name, start, conditions);
        if (mode.isPresent())
        {
            requireAllowed(name, start, mode.get(), conditions.get(Conditions.PROTOCOL));
        }
        if (singleUse)
        {
            requireNoTickets(name, start, mode, conditions.get(Conditions.PROTOCOL));
        }
        String shown = words.stream().map(Word::toString).collect(Collectors.joining(" "));
        return new Rule(name, List.copyOf(conditions.values()), mode, maxDuration, singleUse, shown);
    }

    private void requireValue(Word word)
    {
        if (word.value() == null)
        {
            throw fault(word.line(), RulesException.quote(word.key()) + " has no '=': write key=value, or key=\"value\" when there are "
                + "spaces in it", null);
        }
        if (word.value().isBlank())
        {
            throw fault(word.line(), RulesException.quote(word.key() + "=") + " has no value: write one, or leave both out", null);
        }
    }

    private static ResumptionMode mode(String value)
    {
        return switch (value)
        {
            case "ticket" -> ResumptionMode.TICKET;
            case "cache" -> ResumptionMode.CACHE;
            case "off" -> ResumptionMode.OFF;
            default -> throw new IllegalArgumentException("unknown mode " + RulesException.quote(value) + ": use ticket, cache or off");
        };
    }

    private Duration duration(String value)
    {
        Duration duration = Durations.parse(value, ChronoUnit.SECONDS).orElse(Duration.ZERO);
        if (duration.isZero() || duration.toMillisPart() != 0)
        {
            throw new IllegalArgumentException("bad maxDuration " + RulesException.quote(value) + ": use a number of seconds from 1 up, "
                + "or one with its unit, such as 90s, 30m, 8h or 7d");
        }
        if (duration.compareTo(defaults.maxDuration()) > 0)
        {
            throw new IllegalArgumentException("maxDuration " + RulesException.quote(value) + " is more than the connector's "
                + defaults.maxDuration().toSeconds() + " seconds: raise jetty.tlsResumption.maxSessionDuration (which "
                + "jetty.sslContext.sslSessionTimeout limits) or lower the rule's");
        }
        return duration;
    }

    private static boolean singleUse(String value)
    {
        return switch (value)
        {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("bad singleUse " + RulesException.quote(value) + ": use true or false");
        };
    }

    private void requirePossible(String name, int start, Map<String, Condition> conditions)
    {
        Condition certificate = conditions.get(Conditions.CERTIFICATE);
        boolean none = certificate != null && certificate.matches(stranger(Conditions.PROTOCOLS.get(0)));
        if (none && conditions.keySet().stream().anyMatch(key -> key.startsWith(Conditions.CERTIFICATE + ".")))
        {
            throw fault(start, "rule " + RulesException.quote(name) + " matches no client, since certificate=none excludes the other "
                + "conditions on certificates: leave out the one or the others", null);
        }
    }

    private void requireAllowed(String name, int start, ResumptionMode mode, Condition protocolCondition)
    {
        for (String protocol : Conditions.PROTOCOLS)
        {
            boolean possible = protocolCondition == null || protocolCondition.matches(stranger(protocol));
            if (possible && !defaults.allows(mode, protocol))
            {
                throw fault(start, "rule " + RulesException.quote(name) + " says mode=" + mode + " for " + protocol + " too, which "
                    + "jetty.tlsResumption.tls12TicketMode=forbid rules out: add protocol=TLSv1.3, or say mode=cache", null);
            }
        }
    }

    private void requireNoTickets(String name, int start, Optional<ResumptionMode> mode, Condition protocolCondition)
    {
        for (String protocol : Conditions.PROTOCOLS)
        {
            boolean possible = protocolCondition == null || protocolCondition.matches(stranger(protocol));
            if (possible && mode.orElse(defaults.mode(protocol)) == ResumptionMode.TICKET)
            {
                throw fault(start, "rule " + RulesException.quote(name) + " says singleUse=true, but its mode for " + protocol
                    + " is ticket, in which nobody knows whether a ticket was used: "
                    + (mode.isPresent() ? "say mode=cache" : "add mode=cache"), null);
            }
        }
    }

    private static Facts stranger(String protocol)
    {
        return new Facts(new Client(protocol, Optional.empty(), Optional.empty(), List.of()));
    }

    private RulesException fault(int where, String message, IllegalArgumentException cause)
    {
        return new RulesException(source, where, message, cause);
    }
}

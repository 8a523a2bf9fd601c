package io.github.tlsresumption.cli;

import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.IStyle;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Option;

/**
 * The colours of a command's output.
 */
final class Palette
{
    @Option(names = "--color", paramLabel = "WHEN", defaultValue = "auto", description = "Colours: ${COMPLETION-CANDIDATES}. With auto on "
        + "a terminal, unless NO_COLOR is set. Default: ${DEFAULT-VALUE}.")
    private When when;

    /**
     * When to use colours.
     */
    enum When
    {
        auto, always, never
    }

    /**
     * Made by picocli.
     */
    Palette()
    {
    }

    /**
     * @param when to use colours
     */
    Palette(When when)
    {
        this.when = when;
    }

    String bad(Object text)
    {
        return styled(text, Style.bold, Style.fg_red);
    }

    String doubtful(Object text)
    {
        return styled(text, Style.fg_yellow);
    }

    String good(Object text)
    {
        return styled(text, Style.fg_green);
    }

    String title(Object text)
    {
        return styled(text, Style.bold);
    }

    private String styled(Object text, IStyle... styles)
    {
        return isOn() ? Style.on(styles) + text + Style.reset.on() : text.toString();
    }

    private boolean isOn()
    {
        return when == When.auto ? Terminal.isPresent() && Ansi.AUTO.enabled() : when == When.always;
    }
}

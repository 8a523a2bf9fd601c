package io.github.tlsresumption.cli;

import java.time.Duration;
import java.util.Optional;

import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKey;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * How keys follow each other; the servers' settings, which the file does not hold.
 */
final class RotationTimes
{
    @Option(names = "--seal-period", paramLabel = "SECONDS", description = "As jetty.tlsResumption.rotation.sealPeriod.")
    private Long sealPeriod;

    @Option(names = "--lead", paramLabel = "SECONDS", description = "As jetty.tlsResumption.rotation.lead.")
    private Long lead;

    @Option(names = "--lifetime", paramLabel = "SECONDS", description = "As jetty.tlsResumption.rotation.lifetime, or "
        + "jetty.tlsResumption.maxSessionDuration.")
    private Long lifetime;

    /**
     * @param newest tells the times that are not given, if there is a key
     */
    KeyRotation rotation(Optional<TicketKey> newest, CommandSpec spec)
    {
        KeyRotation standard = KeyRotation.DEFAULT;
        Duration seal = seconds(sealPeriod).orElse(newest.map(key -> Duration.between(key.sealFrom(), key.sealUntil()))
            .orElse(standard.sealPeriod()));
        Duration life = seconds(lifetime).orElse(newest.map(key -> Duration.between(key.sealUntil(), key.openUntil()))
            .orElse(standard.lifetime()));
        Duration half = seal.dividedBy(2);
        Duration ahead = seconds(lead).orElse(standard.lead().compareTo(half) > 0 ? half : standard.lead());
        try
        {
            return new KeyRotation(seal, ahead, life);
        }
        catch (IllegalArgumentException e)
        {
            throw new ParameterException(spec.commandLine(), "--seal-period, --lead, --lifetime: " + e.getMessage());
        }
    }

    private static Optional<Duration> seconds(Long value)
    {
        return Optional.ofNullable(value).map(Duration::ofSeconds);
    }
}

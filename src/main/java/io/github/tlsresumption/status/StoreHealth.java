package io.github.tlsresumption.status;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a connector and one of its stores get on.
 *
 * @param store {@code ticket-keys}, {@code forgotten}, {@code session-keys}, or {@code clock}, which is the backend's
 * @param place what and where it is; no passwords
 * @param lastContact when it last answered well; nothing when it never did
 * @param lag how old what this node knows of it may be, at the moment of asking; of the clock, how far ours is ahead (negative when
 * behind). Nothing when it is not known, or makes no sense since the store is only asked by handshakes
 * @param version of the key ring; nothing for other stores
 * @param age how long ago the newest key of the ring was made; nothing for other stores, or without a key
 * @param problem what is wrong, and what to do; nothing when all is well
 */
public record StoreHealth(String store, String place, Optional<Instant> lastContact, Optional<Duration> lag, OptionalLong version,
    Optional<Duration> age, Optional<String> problem)
{
    /**
     * @return whether nothing is wrong
     */
    public boolean isWell()
    {
        return problem.isEmpty();
    }

    /**
     * @return all of it for people, durations in seconds
     */
    @Override
    public String toString()
    {
        StringBuilder text = new StringBuilder(problem.orElse("well"));
        text.append(", ").append(place).append(", last contact ").append(lastContact.map(Instant::toString).orElse("never"));
        lag.ifPresent(duration -> text.append(", lag ").append(seconds(duration)));
        version.ifPresent(number -> text.append(", ring version ").append(number));
        age.ifPresent(duration -> text.append(", newest key made ").append(seconds(duration)).append(" ago"));
        return text.toString();
    }

    private static String seconds(Duration duration)
    {
        return duration.toMillis() / 1_000.0 + " s";
    }
}

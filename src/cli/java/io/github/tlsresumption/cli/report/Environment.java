package io.github.tlsresumption.cli.report;

import java.time.Duration;

/**
 * What the measurements hold for.
 *
 * @param time when they were made
 * @param jdk vendor and version
 * @param machine operating system and number of processors
 * @param keys the kinds of the certificates
 * @param maxSessionDuration the module's setting
 * @param sealPeriod the module's setting
 * @param clientCertificates whether clients prove who they are by certificates
 * @param quick whether the time to measure was cut short
 */
public record Environment(String time, String jdk, String machine, String keys, Duration maxSessionDuration, Duration sealPeriod,
    boolean clientCertificates, boolean quick)
{
    /**
     * @return the longest time that a ticket key exists, from its first seal until it opens nothing any more
     */
    public Duration keyLife()
    {
        return sealPeriod.plus(maxSessionDuration);
    }

    /**
     * @return what was measured where and when, in one line
     */
    String words()
    {
        return keys + " \u00b7 " + jdk + " \u00b7 " + machine + " \u00b7 " + time + (quick ? " \u00b7 measured with --quick" : "");
    }
}

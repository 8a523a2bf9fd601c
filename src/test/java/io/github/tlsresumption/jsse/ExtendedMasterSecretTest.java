package io.github.tlsresumption.jsse;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

class ExtendedMasterSecretTest
{
    @ParameterizedTest
    @CsvSource({
        "'', '', true",
        "true, '', true",
        "false, '', false",
        "FALSE, '', false",
        "'', extended_master_secret, false",
        "'', 'status_request, extended_master_secret', false",
        "'', 'status_request,session_ticket', true"})
    void isKnownUnlessAPropertyTurnsItOff(String use, String disabled, boolean known)
    {
        assertEquals(known, ExtendedMasterSecret.isKnown(use, disabled));
    }
}

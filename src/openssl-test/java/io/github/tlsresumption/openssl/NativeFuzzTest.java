package io.github.tlsresumption.openssl;

import java.io.IOException;

import io.github.tlsresumption.fuzz.KeptInputs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * No input breaks the engine, with libraries of both families: all that is kept from fuzzing, and some that is near to it. {@code
 * src/test/fuzz.sh} looks for more.
 */
@EnabledIf("io.github.tlsresumption.openssl.Libraries#areThere")
class NativeFuzzTest
{
    private static final int TRIALS = 500;

    @Test
    void noRecordBreaksTheEngine() throws IOException
    {
        KeptInputs.of("NativeUnwrapFuzz").run(TRIALS, NativeUnwrapFuzz::fuzzerTestOneInput);
    }

    @Test
    void noQuestionBreaksTheEngine() throws IOException
    {
        KeptInputs.of("NativeCallbacksFuzz").run(TRIALS, NativeCallbacksFuzz::fuzzerTestOneInput);
    }
}

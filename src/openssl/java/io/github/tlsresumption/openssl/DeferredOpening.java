package io.github.tlsresumption.openssl;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A question about a ticket or a session id that may be answered in a delegated task. The library asks once more when that is done. What
 * goes wrong is a refusal. Confined to its handshake.
 */
final class DeferredOpening
{
    private static final Opening NOT_YET = new Opening.Deferred(() -> Opening.REFUSED);

    private final Consumer<Throwable> warning;
    private Deferred<Opening> work;

    /**
     * @param warning is told what goes wrong
     */
    DeferredOpening(Consumer<Throwable> warning)
    {
        this.warning = warning;
    }

    /**
     * @param question asked unless the answer to an earlier one was put off
     * @return the answer; a deferred one puts it off
     */
    Opening ask(Supplier<Opening> question)
    {
        if (work != null)
        {
            return work.isDone() ? answered() : NOT_YET;
        }
        try
        {
            Opening answer = question.get();
            if (answer instanceof Opening.Deferred deferred)
            {
                work = new Deferred<>(deferred.answer()::get);
            }
            return answer;
        }
        catch (RuntimeException e)
        {
            warning.accept(e);
            return Opening.REFUSED;
        }
    }

    private Opening answered()
    {
        Deferred<Opening> done = work;
        work = null;
        done.thrown().ifPresent(warning);
        return done.result().filter(answer -> !(answer instanceof Opening.Deferred)).orElse(Opening.REFUSED);
    }

    /**
     * @return what is to be run before the question is asked again
     */
    Optional<Deferred<Opening>> waiting()
    {
        return Optional.ofNullable(work);
    }
}

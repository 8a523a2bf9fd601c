package io.github.tlsresumption.forget;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * What was forgotten, for all processes that share ticket keys, over restarts. Entries are only ever added.
 *
 * <p><b>What may be lost.</b> Nothing that {@link #append} has returned for, until it no longer matters: an entry whose
 * time lies further back than the longest session, or one that a later entry covers, may go. A log that cannot say
 * whether it lost something (it was damaged, or it is new and sessions may be older than it) holds an entry that
 * forgets everyone established before now: rather too much is forgotten than too little. Say a log drops the line that
 * it cannot read, and the line was about a stolen laptop: the thief resumes for seven days.
 *
 * <p><b>What may be repeated.</b> Every entry, any number of times and in any order.
 *
 * <p><b>One list for each instance.</b> An instance knows what it has given, so two lists that read the same one would each
 * miss what the other got. Several instances may stand for the same log. An instance may be used again after
 * {@link #close}, as when a connector is stopped and started.
 *
 * <p>Safe for use by many threads. A call may block for seconds, so none is made during a handshake.
 */
public interface ForgetLog extends AutoCloseable
{
    /**
     * Adds entries.
     *
     * @param entries one or more
     * @throws IOException when it is not sure that all are kept and that every process will read them; some may be
     */
    void append(List<ForgetLogEntry> entries) throws IOException;

    /**
     * Gives what this instance has not given yet, from all writers, itself among them. The first call gives all there is,
     * and so does the first after {@link #close}: it is for a new list, which knows nothing.
     * Cheap when there is nothing new.
     *
     * @param sink takes the entries, before the call returns; what it has not taken, because it threw, it is given again
     * @throws IOException when the log cannot be read, or not to its end; what has been given stays valid
     */
    void read(Consumer<ForgetLogEntry> sink) throws IOException;

    /**
     * Throws all entries away, since no session that they are about can be resumed any more: its ticket key was dropped. Other instances
     * read the log from its new beginning. A log that cannot throw them away only adds the new one: then it begins again at each start, for
     * as long as times in it lie ahead.
     *
     * @param everyone what the log begins with
     * @throws IOException when it is not sure that the entries are gone; the caller tries again
     */
    default void beginAgain(ForgetLogEntry.ForgetEveryone everyone) throws IOException
    {
        append(List.of(everyone));
    }

    /**
     * @return how often this instance has found entries lost: it has made a log, since there was none, or the log was damaged. The entry
     *     that forgets everyone before now may not reach those established while the clock was ahead of now
     */
    default int losses()
    {
        return 0;
    }

    /**
     * Asks for a notice when there is something new to read, where the log has notices: as soon as another process has added to it.
     * One may get lost, so {@link #read} is to be called now and then all the same.
     *
     * @param news is run by a thread of the log's, until it is closed; it must be quick
     */
    default void listen(Runnable news)
    {
        // No notices.
    }

    /**
     * @return whether nodes with clocks of their own may use the same log
     */
    default boolean shared()
    {
        return false;
    }

    /**
     * @return what and where the log is, for logs: no passwords
     */
    String describe();

    /**
     * Lets go of connections, and of what was given. The entries stay.
     */
    @Override
    void close();

    /**
     * @return a log that keeps nothing, for ticket keys that no other process has and that end with this one
     */
    static ForgetLog none()
    {
        return NoForgetLog.INSTANCE;
    }
}

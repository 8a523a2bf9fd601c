package io.github.tlsresumption;

import java.io.IOException;
import java.util.List;
import java.util.Map;

import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.resumption.ForgetOrder;
import io.github.tlsresumption.resumption.Forgetting;
import io.github.tlsresumption.resumption.HandshakeResult;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.StoreHealth;
import io.github.tlsresumption.ticket.StableId;
import org.eclipse.jetty.util.annotation.ManagedAttribute;
import org.eclipse.jetty.util.annotation.ManagedOperation;
import org.eclipse.jetty.util.annotation.Name;

/**
 * The attributes and operations of a running {@link ResumptionSslContextFactory}, for JMX, the admin page and code that embeds Jetty.
 */
// Public, since the methods that a public class inherits from another lack their type arguments, which JMX shows.
public abstract class ManagedSslContextFactory extends ConfigurableSslContextFactory
{
    final Engine engine = new Engine(settings, created -> customize(created));
    private final ResumptionStatistics statistics = new ResumptionStatistics();
    final ScopeMember member = new ScopeMember(settings, policy, engine, statistics);
    final Customization customization = new Customization(settings, member);
    final Duties duties = new Duties(settings, policy, engine, member, customization.connections());

    private final Figures figures = new Figures(settings, policy, statistics, member, customization.connections(),
        engine::description);
    private final Operations operations = new Operations(policy, engine, member, duties);

    ManagedSslContextFactory()
    {
        // Of ours alone.
    }

    /**
     * @return the scope, or null for one of this factory's own
     */
    @ManagedAttribute(value = "The scope within which sessions are resumed", readonly = true)
    public String getScope()
    {
        return figures.scope();
    }

    /**
     * @return how many tickets a client gets after each handshake of TLS 1.3; 0 before the start when it was not set
     */
    @ManagedAttribute(value = "How many tickets a client gets after each handshake of TLS 1.3", readonly = true)
    public int getTicketsPerConnection()
    {
        return settings.ticketsPerConnection > 0 ? settings.ticketsPerConnection : engine.ticketsPerConnection().orElse(0);
    }

    /**
     * @return how many handshakes were completed, by {@link HandshakeResult}
     */
    @ManagedAttribute("Completed handshakes by result")
    public Map<String, Long> getHandshakes()
    {
        return figures.handshakes();
    }

    /**
     * @return in how many handshakes each {@link io.github.tlsresumption.resumption.RefusalReason} was met
     */
    @ManagedAttribute("Handshakes in which resumption or a ticket was refused, by reason")
    public Map<String, Long> getRefusals()
    {
        return figures.refusals();
    }

    /**
     * @return completed handshakes by protocol, and within it by result
     */
    @ManagedAttribute("Completed handshakes by protocol and result")
    public Map<String, Map<String, Long>> getHandshakesByProtocol()
    {
        return figures.handshakesByProtocol();
    }

    /**
     * @return completed handshakes by the rule that the client's terms are by, and within it by result; {@code (default)} is for those that
     * no rule matches
     */
    @ManagedAttribute("Completed handshakes by rule and result")
    public Map<String, Map<String, Long>> getHandshakesByRule()
    {
        return figures.handshakesByRule();
    }

    /**
     * @return live sessions of mode cache by the rule that gave them their terms, in the whole scope; none where nodes share them
     */
    @ManagedAttribute("Live sessions of mode cache by rule, where nodes do not share them")
    public Map<String, Long> getCachedSessionsByRule()
    {
        return figures.cachedSessionsByRule();
    }

    /**
     * @return for how long opening a ticket took, in nanoseconds: {@code count}, {@code mean}, and the least bound of a bucket that is
     * not less than that share of the times, {@code p50}, {@code p90} and {@code p99}
     */
    @ManagedAttribute("Nanoseconds for which opening a ticket took: count, mean, and what most did not exceed")
    public Map<String, Long> getOpenTimes()
    {
        return figures.openTimes();
    }

    /**
     * @return for how long sealing a ticket took, as {@link #getOpenTimes}
     */
    @ManagedAttribute("Nanoseconds for which sealing a ticket took: count, mean, and what most did not exceed")
    public Map<String, Long> getSealTimes()
    {
        return figures.sealTimes();
    }

    /**
     * @return how old sessions were when they were resumed, in seconds since the full handshake; else as {@link #getOpenTimes}
     */
    @ManagedAttribute("Seconds since its full handshake when a session was resumed: count, mean, and what most did not exceed")
    public Map<String, Long> getResumptionAge()
    {
        return figures.resumptionAge();
    }

    /**
     * @return how many connections ended after their session's deadline: {@code graceful}, by themselves when they were done or
     * {@code hard}, cut at the end of {@linkplain #setCloseTimeout the time to close} or for a protocol that is not HTTP
     */
    @ManagedAttribute("Connections that ended at their session's deadline: gracefully or hard")
    public Map<String, Long> getEndedConnections()
    {
        return figures.endedConnections();
    }

    /**
     * @return of how many connections the first request said that it was from the command {@code check}; their handshakes count in all
     * other figures too
     */
    @ManagedAttribute("Connections whose first request says that it is from the command check; all other figures count them too")
    public long getCheckConnections()
    {
        return figures.checkConnections();
    }

    void countCheckConnection()
    {
        statistics.countCheckConnection();
    }

    /**
     * @return how many sessions of mode cache there are: in this process, or in the cluster where they are shared
     */
    @ManagedAttribute("Live sessions of mode cache")
    public long getCachedSessions()
    {
        return figures.cachedSessions();
    }

    /**
     * @return the key ring, without secrets
     */
    @ManagedAttribute("The key ring: its version and its ticket keys, without secrets")
    public String getTicketKeys()
    {
        return figures.ticketKeys();
    }

    /**
     * @return from when to when a ticket key stolen now would open tickets
     */
    @ManagedAttribute("From when to when a ticket key stolen now opens tickets")
    public String getExposure()
    {
        return figures.exposure();
    }

    /**
     * @return how the last contact with the store of the ticket keys went
     */
    @ManagedAttribute("How the last contact with the store of the ticket keys went")
    public String getTicketKeyStoreHealth()
    {
        return figures.ticketKeyStoreHealth();
    }

    /**
     * @return how this node gets on with each of its stores outside the heap; empty before the start
     */
    public List<StoreHealth> storeHealth()
    {
        return figures.storeHealth();
    }

    /**
     * @return the same for people, by the name of the store
     */
    @ManagedAttribute("For each store: what is wrong with it, when it last answered, how old what is known of it may be")
    public Map<String, String> getStoreHealth()
    {
        return figures.storeHealthByName();
    }

    /**
     * @return what is wrong with the file of the rules, empty when nothing is
     */
    @ManagedAttribute("What is wrong with the file of the rules; those read before are in force")
    public String getRulesProblem()
    {
        return policy.problem();
    }

    /**
     * Reads the file of the rules again, which is done without asking when it has changed.
     *
     * @throws IllegalArgumentException when it is bad; the rules stay as they are
     * @throws IllegalStateException when there is no file
     */
    @ManagedOperation(value = "Reads the file of the rules again", impact = "ACTION")
    public void reloadRules()
    {
        operations.reloadRules();
    }

    /**
     * @return how many are on the forget list
     */
    @ManagedAttribute("How many sessions, clients, users and rules are on the forget list")
    public int getForgotten()
    {
        return figures.forgotten();
    }

    /**
     * @return the number of session-to-user bindings
     */
    @ManagedAttribute("Number of session-to-user bindings")
    public int getPrincipals()
    {
        return figures.principals();
    }

    /**
     * @return how often more was forgotten than asked for, since a bound was reached
     */
    @ManagedAttribute("How often more was forgotten than asked for, since maxForgotten or maxPrincipals was reached")
    public long getForgetOverflows()
    {
        return figures.forgetOverflows();
    }

    /**
     * @return what is wrong with the log of the forgotten, empty when nothing is
     */
    @ManagedAttribute("What is wrong with the store of the forget list")
    public String getForgetLogProblem()
    {
        return figures.forgetLogProblem();
    }

    /**
     * @return when the ticket key that seals now stops; empty when none does
     */
    @ManagedAttribute("When the ticket key that seals now stops")
    public String getNextRotation()
    {
        return figures.nextRotation();
    }

    /**
     * Reads what is in memory; a store that nodes share is asked how many sessions it has.
     *
     * @param name the connector's
     * @return all that is known of it now, without secrets
     */
    public ConnectorStatus status(String name)
    {
        return figures.status(name);
    }

    /**
     * Brings a new ticket key before its time; tickets sealed until then stay good.
     *
     * @throws TicketKeyStoreException when the store does not take it
     * @throws IllegalStateException when not started, or there are no ticket keys, since no session is resumed
     */
    @ManagedOperation(value = "Rotates the ticket keys now: a new one seals after the lead, and sessions go on", impact = "ACTION")
    public void rotateTicketKeys() throws TicketKeyStoreException
    {
        operations.rotateTicketKeys();
    }

    /**
     * Drops every ticket key: all sessions end, here at once and elsewhere as soon as it is noticed; and those of this
     * connector's clients without tickets.
     *
     * @throws TicketKeyStoreException when the store does not take it
     * @throws IllegalStateException when not started
     */
    @ManagedOperation(value = "Drops every ticket key: all sessions of the scope end", impact = "ACTION")
    public void dropTicketKeys() throws TicketKeyStoreException
    {
        operations.dropTicketKeys();
    }

    /**
     * Forgets one session: its next handshake is full.
     *
     * @param id its stable id, 64 hexadecimal digits
     * @throws IOException when other processes have not been told yet
     * @throws IllegalArgumentException when it is no id
     * @throws IllegalStateException when not started
     */
    @ManagedOperation(value = "Forgets one session", impact = "ACTION")
    public void forgetSession(@Name("id") String id) throws IOException
    {
        StableId session = StableId.parse(id);
        operations.forget(forgetting -> forgetting.forgetSession(session));
    }

    /**
     * Forgets the sessions of a client.
     *
     * @param client the address of a client without certificate; or of a client's key {@code sha256/} and base64, or {@code sha256:} and
     * hexadecimal digits, of SHA-256 of its SubjectPublicKeyInfo
     * @throws IOException when other processes have not been told yet
     * @throws IllegalArgumentException when it is neither
     * @throws IllegalStateException when not started
     */
    @ManagedOperation(value = "Forgets the sessions of a client, by address or by SHA-256 of the key of its certificate", impact = "ACTION")
    public void forgetClient(@Name("client") String client) throws IOException
    {
        operations.forget(forgetting -> forgetting.forgetClient(client));
    }

    /**
     * Forgets the sessions of a user, as applications have named it.
     *
     * @param principal the name
     * @throws IOException when other processes have not been told yet
     * @throws IllegalStateException when not started
     */
    @ManagedOperation(value = "Forgets the sessions of a user, as applications have named it", impact = "ACTION")
    public void forgetPrincipal(@Name("principal") String principal) throws IOException
    {
        operations.forget(forgetting -> forgetting.forgetPrincipal(principal));
    }

    /**
     * Forgets the sessions of the clients that a rule applies to.
     *
     * @param rule its name
     * @throws IOException when other processes have not been told yet
     * @throws IllegalArgumentException when there is no such rule
     * @throws IllegalStateException when not started
     */
    @ManagedOperation(value = "Forgets the sessions of the clients that a rule applies to", impact = "ACTION")
    public void forgetRule(@Name("rule") String rule) throws IOException
    {
        operations.forgetRule(rule);
    }

    /**
     * Forgets all sessions. The ticket keys stay.
     *
     * @throws IOException when other processes have not been told yet
     * @throws IllegalStateException when not started
     */
    @ManagedOperation(value = "Forgets everyone: all sessions end, and the ticket keys stay", impact = "ACTION")
    public void forgetEveryone() throws IOException
    {
        operations.forget(Forgetting::forgetEveryone);
    }

    /**
     * @return what forgets sessions
     * @throws IllegalStateException when not started, or the stores cannot be used that know of sessions to forget
     */
    Forgetting forgetting()
    {
        return operations.forgetting();
    }

    void forget(ForgetOrder order) throws IOException
    {
        operations.forget(order);
    }
}

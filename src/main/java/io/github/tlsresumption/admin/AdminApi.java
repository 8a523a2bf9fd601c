package io.github.tlsresumption.admin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.tlsresumption.ChangeReport;
import io.github.tlsresumption.Connectors;
import io.github.tlsresumption.OperatorChange;
import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.json.BoundedJson;
import io.github.tlsresumption.json.JsonObject;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.resumption.RefusalReason;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators see and change by HTTP, and the page that does so in a browser: docs/monitoring.md describes it.
 */
public final class AdminApi
{
    private static final Logger LOG = LoggerFactory.getLogger(AdminApi.class);
    private static final int MAX_BODY = 4096;
    private static final List<String> SCRIPTS =
        List.of("admin.js", "actions.js", "chart.js", "connector.js", "elements.js", "overview.js", "ring.js");

    private final Connectors connectors;

    private AdminApi(Connectors connectors)
    {
        this.connectors = connectors;
    }

    /**
     * Adds API and page to a server for operators.
     *
     * @param admin the server for operators, before its start
     * @param server the server that it tells of
     */
    public static void install(AdminServer admin, Server server)
    {
        Connectors connectors = new Connectors(server);
        AdminApi api = new AdminApi(connectors);
        History history = new History(connectors::status, admin.getScheduler());
        admin.addBean(history);
        ServerFacts facts = ServerFacts.ofThisProcess();
        admin.add("/api/status", new Show(() -> StatusJson.of(connectors.status(), facts, history)));
        admin.add("/api/history", new Show(history::json));
        admin.add("/api/reasons", new Show(AdminApi::reasons));
        admin.add("/api/keys/rotate", new Change(body -> OperatorChange.ROTATE, api::rotate));
        admin.add("/api/keys/drop", new Change(body -> OperatorChange.DROP, api::drop));
        admin.add("/api/forget", new Change(body -> OperatorChange.forget(shown(body, "kind"), shown(body, "name")), api::forget));
        admin.add("/overview", new OverviewPage(connectors::status, facts, history));
        admin.addPublic("/", new Page("index.html", "text/html;charset=utf-8"));
        admin.addPublic("/admin.css", new Page("admin.css", "text/css;charset=utf-8"));
        admin.addPublic("/favicon.svg", new Page("favicon.svg", "image/svg+xml"));
        for (String script : SCRIPTS)
        {
            admin.addPublic("/" + script, new Page(script, "text/javascript;charset=utf-8"));
        }
    }

    private static JsonObject reasons()
    {
        JsonObject json = new JsonObject();
        for (RefusalReason reason : RefusalReason.values())
        {
            json.put(reason.toString(), reason.meaning());
        }
        return json;
    }

    private Answer rotate(Map<?, ?> body) throws Exception
    {
        scope(body).get(0).rotateTicketKeys();
        return Answer.ok(new JsonObject().with("rotated", true));
    }

    private Answer drop(Map<?, ?> body) throws Exception
    {
        List<ResumptionSslContextFactory> factories = scope(body);
        if (!"drop".equals(body.get("confirm")))
        {
            throw new IllegalArgumentException("all sessions of the scope would end: say \"confirm\": \"drop\"");
        }
        // Each connector also has sessions of clients without tickets.
        for (ResumptionSslContextFactory factory : factories)
        {
            factory.dropTicketKeys();
        }
        return Answer.ok(new JsonObject().with("dropped", true));
    }

    private Answer forget(Map<?, ?> body) throws Exception
    {
        ResumptionSslContextFactory factory = scope(body).get(0);
        String kind = text(body, "kind");
        try
        {
            switch (kind)
            {
                case "session" -> factory.forgetSession(text(body, "name"));
                case "client" -> factory.forgetClient(text(body, "name"));
                case "principal" -> factory.forgetPrincipal(text(body, "name"));
                case "rule" -> factory.forgetRule(text(body, "name"));
                case "everyone" -> factory.forgetEveryone();
                default -> throw new IllegalArgumentException("unknown kind '" + kind
                    + "': use session, client, principal, rule or everyone");
            }
            return Answer.ok(new JsonObject().with("forgotten", true));
        }
        catch (IOException e)
        {
            LOG.debug("forget", e);
            return new Answer(HttpStatus.ACCEPTED_202, new JsonObject().with("forgotten", true).with("problem",
                "forgotten here, but others have not been told yet, which is tried again: " + e.getMessage()),
                String.valueOf(e.getMessage()));
        }
    }

    private List<ResumptionSslContextFactory> scope(Map<?, ?> body)
    {
        String scope = text(body, "scope");
        List<ResumptionSslContextFactory> factories = connectors.ofScope(scope);
        if (factories.isEmpty())
        {
            throw new IllegalArgumentException("there is no scope '" + scope + "'");
        }
        return factories;
    }

    private static String text(Map<?, ?> body, String name)
    {
        if (body.get(name) instanceof String text && !text.isBlank())
        {
            return text.strip();
        }
        throw new IllegalArgumentException("\"" + name + "\" is missing");
    }

    private static String shown(Map<?, ?> body, String name)
    {
        return body.get(name) instanceof String text ? text.strip() : "";
    }

    /**
     * Does what a body says.
     */
    @FunctionalInterface
    private interface Action
    {
        Answer apply(Map<?, ?> body) throws Exception;
    }

    private static final class Show extends Handler.Abstract
    {
        private final Supplier<JsonObject> source;

        private Show(Supplier<JsonObject> source)
        {
            this.source = source;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback)
        {
            if (HttpMethod.POST.is(request.getMethod()))
            {
                return notAllowed("GET", response, callback);
            }
            Answer.ok(source.get()).send(response, callback);
            return true;
        }
    }

    private static final class Change extends Handler.Abstract
    {
        private final Function<Map<?, ?>, OperatorChange> words;
        private final Action action;

        /**
         * @param words for the log: what a body asks for, whether or not it can be done
         */
        private Change(Function<Map<?, ?>, OperatorChange> words, Action action)
        {
            this.words = words;
            this.action = action;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback)
        {
            if (!HttpMethod.POST.is(request.getMethod()))
            {
                return notAllowed("POST", response, callback);
            }
            long length = request.getLength();
            if (length < 0 || length > MAX_BODY)
            {
                Answer.error(HttpStatus.PAYLOAD_TOO_LARGE_413, "the body must say its length, at most " + MAX_BODY + " bytes")
                    .send(response, callback);
                return true;
            }
            String body;
            try
            {
                body = Content.Source.asString(request, StandardCharsets.UTF_8);
            }
            catch (IOException e)
            {
                callback.failed(e);
                return true;
            }
            answer(body, new ChangeReport("the admin page from " + Request.getRemoteAddr(request))).send(response, callback);
            return true;
        }

        private Answer answer(String text, ChangeReport report)
        {
            Map<?, ?> body = Map.of();
            Answer answer;
            try
            {
                body = BoundedJson.parse(text);
                answer = answer(body);
            }
            catch (IllegalArgumentException e)
            {
                answer = Answer.error(HttpStatus.BAD_REQUEST_400, e.getMessage());
            }
            String scope = shown(body, "scope");
            switch (answer.status())
            {
                case HttpStatus.OK_200 -> report.done(scope, words.apply(body));
                case HttpStatus.ACCEPTED_202 -> report.doneHere(scope, words.apply(body), answer.problem());
                default -> report.notDone(scope, words.apply(body), answer.problem());
            }
            return answer;
        }

        private Answer answer(Map<?, ?> body)
        {
            try
            {
                return action.apply(body);
            }
            catch (IllegalArgumentException e)
            {
                return Answer.error(HttpStatus.BAD_REQUEST_400, e.getMessage());
            }
            catch (IllegalStateException e)
            {
                return Answer.error(HttpStatus.CONFLICT_409, e.getMessage());
            }
            catch (TicketKeyStoreException e)
            {
                return Answer.error(HttpStatus.SERVICE_UNAVAILABLE_503, e.getMessage());
            }
            catch (Exception e)
            {
                LOG.warn("A change failed", e);
                return Answer.error(HttpStatus.INTERNAL_SERVER_ERROR_500, "it failed: see the log");
            }
        }
    }

    private static boolean notAllowed(String allowed, Response response, Callback callback)
    {
        response.getHeaders().put(HttpHeader.ALLOW, allowed);
        Answer.error(HttpStatus.METHOD_NOT_ALLOWED_405, "use " + allowed).send(response, callback);
        return true;
    }
}

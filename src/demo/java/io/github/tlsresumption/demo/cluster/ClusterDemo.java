package io.github.tlsresumption.demo.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Three Jettys, what they share, a TCP balancer in front of them, and clients whose every connection goes to another node.
 * {@code ./demo cluster} prepares the nodes and starts it.
 */
public final class ClusterDemo
{
    private static final int NODES = 3;
    private static final int START_SECONDS = 90;
    private static final long PAUSE_MILLIS = 50;
    private static final long LINE_MILLIS = 2_000;
    private static final int LOG_LINES = 15;
    private static final String COMMANDS = """
          stop 2         a node leaves the balancer and ends; then: start 2
          kill 2         the same without any warning (or: kill -9 PID, elsewhere)
          rotate         a new ticket key, which all nodes know before it seals
          forget         the clients log out: the application forgets their sessions
          forget all     an operator forgets everyone
          stop redis     and: start redis; it comes back empty
          status         how the nodes get on with what they share
          quit           stops everything, as Ctrl-C does
        """;

    private final Path directory;
    private final int portBase;
    private final long seconds;
    private final List<Lane> lanes = new ArrayList<>();
    private final List<Tally> tallies = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Child redis;
    private volatile boolean ended;

    private ClusterDemo(Path directory, int portBase, long seconds, String redisServer)
    {
        this.directory = directory;
        this.portBase = portBase;
        this.seconds = seconds;
        for (String mode : List.of("ticket", "cache"))
        {
            for (String protocol : List.of("1.3", "1.2"))
            {
                lanes.add(new Lane(mode, protocol, directory, directory.resolve("etc/demo-certificates.pem")));
                tallies.add(new Tally());
            }
        }
        for (int i = 1; i <= NODES; i++)
        {
            Path script = directory.resolve("node-" + i);
            nodes.add(new Node(i, portBase + lanes.size() + i - 1, script, directory.resolve(script.getFileName() + ".log")));
        }
        int redisPort = portBase + lanes.size() + NODES;
        this.redis = new Child("Redis", redisPort, List.of(redisServer, "--port", String.valueOf(redisPort), "--bind", "127.0.0.1",
            "--save", "", "--dir", directory.toString()), directory.resolve("redis.log"));
    }

    /**
     * How many connections there were, and how they went.
     */
    private static final class Tally
    {
        private int connections;
        private int reused;
        private int failed;

        synchronized void count(Lane.Result result)
        {
            connections++;
            if (result == Lane.Result.REUSED)
            {
                reused++;
            }
            if (result == Lane.Result.FAILED)
            {
                failed++;
            }
        }

        /**
         * Adds all to another one, and begins anew.
         */
        synchronized String moveTo(Tally total)
        {
            String text = reused + "/" + connections + (failed > 0 ? " (" + failed + " failed)" : "");
            total.add(connections, reused, failed);
            connections = 0;
            reused = 0;
            failed = 0;
            return text;
        }

        private synchronized void add(int moreConnections, int moreReused, int moreFailed)
        {
            connections += moreConnections;
            reused += moreReused;
            failed += moreFailed;
        }
    }

    /**
     * @param arguments the directory, the first port, the seconds or 0, and the program redis-server
     */
    public static void main(String... arguments) throws Exception
    {
        ClusterDemo demo = new ClusterDemo(Path.of(arguments[0]), Integer.parseInt(arguments[1]), Long.parseLong(arguments[2]),
            arguments[3]);
        Runtime.getRuntime().addShutdownHook(new Thread(demo::close));
        System.exit(demo.run());
    }

    private int run() throws IOException, InterruptedException
    {
        if (!start())
        {
            return 1;
        }
        for (int i = 0; i < lanes.size(); i++)
        {
            new Balancer(nodes).listen(portBase + i);
        }
        introduce();
        for (int i = 0; i < lanes.size(); i++)
        {
            // What is counted begins when every node has taken a session of every client.
            if (!resumes(lanes.get(i), portBase + i, NODES, () -> nodes.stream().allMatch(Node::isAlive)))
            {
                return fail("the client " + lanes.get(i).name() + " does not resume", nodes.get(0));
            }
        }
        nodes.forEach(Node::servedSince);
        Thread commands = new Thread(this::readCommands, "commands");
        commands.setDaemon(true);
        commands.start();
        return connectAndTell();
    }

    private boolean start() throws IOException, InterruptedException
    {
        say("Starting Redis and " + NODES + " nodes ...");
        List<Child> children = new ArrayList<>(nodes);
        children.add(0, redis);
        for (Child child : children)
        {
            child.start();
        }
        if (!redis.awaitPort(START_SECONDS))
        {
            fail("Redis does not start", redis);
            return false;
        }
        for (Node node : nodes)
        {
            if (!resumes(node))
            {
                fail(node.name() + " resumes no session", node);
                return false;
            }
        }
        return true;
    }

    /**
     * Waits for that. Jetty opens its port before it serves, and the very first ring of a cluster waits a few seconds, lest another
     * node has one.
     */
    private boolean resumes(Node node) throws IOException, InterruptedException
    {
        Path probes = Files.createDirectories(directory.resolve("probes"));
        for (Lane client : lanes)
        {
            if (!resumes(client.probe(probes), node.port(), 1, node::isAlive))
            {
                return false;
            }
        }
        return true;
    }

    /**
     * Waits until so many connections in a row have resumed.
     */
    private static boolean resumes(Lane client, int port, int connections, BooleanSupplier isAlive) throws IOException, InterruptedException
    {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        int resumed = 0;
        while (resumed < connections)
        {
            resumed = client.connect(port) == Lane.Result.REUSED ? resumed + 1 : 0;
            if (!isAlive.getAsBoolean() || System.nanoTime() - end > 0)
            {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
        return true;
    }

    private static int fail(String message, Child whose) throws IOException
    {
        say("demo: " + message + ". The end of " + whose.log() + ":");
        List<String> log = Files.readAllLines(whose.log());
        log.subList(Math.max(0, log.size() - LOG_LINES), log.size()).forEach(ClusterDemo::say);
        return 1;
    }

    private void introduce()
    {
        say("");
        nodes.forEach(node -> say("  " + node.name() + "   port " + node.port() + ", process " + node.pid()));
        say("  Redis    port " + redis.port() + ", process " + redis.pid());
        for (int i = 0; i < lanes.size(); i++)
        {
            say("  client   " + lanes.get(i).name() + " over the balancer's port " + (portBase + i));
        }
        say("\nThe clients connect again and again, each time to another node. \"24/24\" says that of 24 connections 24 resumed."
            + "\nType, and see what becomes of that:\n\n" + COMMANDS);
    }

    private int connectAndTell() throws InterruptedException
    {
        ExecutorService clients = Executors.newFixedThreadPool(lanes.size());
        for (int i = 0; i < lanes.size(); i++)
        {
            int number = i;
            clients.execute(() -> connect(number));
        }
        List<Tally> totals = Stream.generate(Tally::new).limit(lanes.size()).toList();
        long start = System.nanoTime();
        boolean[] alive = new boolean[nodes.size()];
        for (long line = 1; !ended; line++)
        {
            long next = start + TimeUnit.MILLISECONDS.toNanos(line * LINE_MILLIS);
            while (!ended && System.nanoTime() - next < 0)
            {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
                tellEnds(alive);
            }
            long second = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
            if (seconds > 0 && second >= seconds)
            {
                ended = true;
            }
            if (ended)
            {
                // What has begun is counted too.
                clients.shutdown();
                clients.awaitTermination(START_SECONDS, TimeUnit.SECONDS);
            }
            tell(second, totals);
        }
        return summary(totals);
    }

    private void connect(int number)
    {
        while (!ended)
        {
            try
            {
                tallies.get(number).count(lanes.get(number).connect(portBase + number));
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
            catch (IOException e)
            {
                tallies.get(number).count(Lane.Result.FAILED);
                say("demo: " + e.getMessage());
            }
            catch (InterruptedException e)
            {
                return;
            }
        }
    }

    private void tellEnds(boolean[] alive)
    {
        for (int i = 0; i < alive.length; i++)
        {
            boolean before = alive[i];
            alive[i] = nodes.get(i).isAlive();
            if (before && !alive[i])
            {
                say("       " + nodes.get(i).name() + " has ended; type: start " + (i + 1));
            }
        }
    }

    private void tell(long second, List<Tally> totals)
    {
        StringBuilder line = new StringBuilder("%4d s".formatted(second));
        for (int i = 0; i < lanes.size(); i++)
        {
            line.append("  ").append(lanes.get(i).name()).append(": ").append(tallies.get(i).moveTo(totals.get(i)));
        }
        line.append(" Reused  nodes");
        for (int i = 0; i < nodes.size(); i++)
        {
            int served = nodes.get(i).servedSince();
            line.append(' ').append(i + 1).append(':').append(nodes.get(i).isAlive() ? String.valueOf(served) : "ended");
        }
        say(line.toString());
    }

    private static int summary(List<Tally> totals)
    {
        Tally all = new Tally();
        totals.forEach(total -> total.moveTo(all));
        say("%nAll in all %d connections: %d resumed, %d made a full handshake, %d failed".formatted(all.connections, all.reused,
            all.connections - all.reused - all.failed, all.failed));
        return all.connections > 0 && all.reused == all.connections ? 0 : 1;
    }

    private void readCommands()
    {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())))
        {
            for (String line = in.readLine(); line != null && !ended; line = in.readLine())
            {
                if (!line.isBlank())
                {
                    obey(line.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " "));
                }
            }
        }
        catch (IOException e)
        {
            say("demo: " + e.getMessage());
        }
    }

    private void obey(String command)
    {
        try
        {
            switch (command)
            {
                case "stop redis", "kill redis" -> stopRedis();
                case "start redis" -> startRedis();
                case "rotate" ->
                {
                    anyNode().invoke("rotateTicketKeys");
                    say("       rotated");
                }
                case "forget" -> lanes.forEach(Lane::forgetNext);
                case "forget all" ->
                {
                    anyNode().invoke("forgetEveryone");
                    say("       all are forgotten");
                }
                case "status" -> tellStatus();
                case "quit", "exit" -> ended = true;
                default -> obeyForNode(command);
            }
        }
        catch (Exception e)
        {
            say("demo: " + command + ": " + e.getMessage());
        }
    }

    private void obeyForNode(String command) throws Exception
    {
        if (!command.matches("(stop|kill|start) [1-" + NODES + "]"))
        {
            say("What can be typed:\n\n" + COMMANDS);
            return;
        }
        Node node = nodes.get(Character.digit(command.charAt(command.length() - 1), 10) - 1);
        switch (command.substring(0, command.indexOf(' ')))
        {
            case "stop" ->
            {
                node.drain();
                node.stop();
            }
            case "kill" -> node.kill();
            default ->
            {
                // Its port opens before it serves.
                node.setDrained(true);
                node.start();
                say("       " + node.name() + (resumes(node) ? " is up, process " + node.pid() : " does not start, see " + node.log()));
                node.setDrained(false);
            }
        }
    }

    private void stopRedis() throws InterruptedException
    {
        redis.stop();
        say("       Redis has ended; type: start redis");
    }

    private void startRedis() throws IOException, InterruptedException
    {
        redis.start();
        say(redis.awaitPort(START_SECONDS) ? "       Redis is up, and empty" : "       Redis does not start, see " + redis.log());
    }

    private Node anyNode()
    {
        return nodes.stream().filter(Node::isAlive).findFirst().orElseThrow(() -> new IllegalStateException("no node runs"));
    }

    private void tellStatus() throws Exception
    {
        for (Node node : nodes)
        {
            if (!node.isAlive())
            {
                say("       " + node.name() + " has ended");
                continue;
            }
            String stores = node.map("storeHealth").entrySet().stream()
                .map(store -> store.getKey() + " " + store.getValue().toString().replaceFirst("^well, .*", "well"))
                .collect(Collectors.joining(", "));
            say("       " + node.name() + ": " + stores + "; handshakes " + counts(node.map("handshakes")) + ", refusals "
                + counts(node.map("refusals")));
        }
    }

    private static String counts(Map<?, ?> all)
    {
        return all.entrySet().stream().filter(entry -> !entry.getValue().equals(0L)).map(Object::toString)
            .collect(Collectors.joining(", ", "{", "}"));
    }

    private void close()
    {
        ended = true;
        List<Child> children = new ArrayList<>(nodes);
        children.add(redis);
        children.forEach(Child::close);
        try
        {
            for (Child child : children)
            {
                child.stop();
            }
            say("Everything is stopped");
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
        }
    }

    private static synchronized void say(String line)
    {
        System.out.println(line);
        System.out.flush();
    }
}

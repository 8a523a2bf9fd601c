package io.github.tlsresumption.forget;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A process of its own with a list over a file. It forgets clients of its own, one by one, and the same many clients as all
 * the others again and again, so that the file is often written anew; and waits for a line. Then it says how many of its
 * own, and of the others', it does not know to be forgotten.
 */
final class ForgettingProcess
{
    static final int OWN = 150;
    static final int COMMON = 1_500;

    private ForgettingProcess()
    {
    }

    public static void main(String[] arguments) throws Exception
    {
        Instant established = Instant.parse(arguments[1]);
        int number = Integer.parseInt(arguments[2]);
        int processes = Integer.parseInt(arguments[3]);
        Duration longest = Duration.ofDays(1);
        FileForgetLog log = new FileForgetLog(Path.of(arguments[0]), longest, Clock.systemUTC());
        ForgetList list = new ForgetList(log, longest, 100_000, 1_000, Clock.systemUTC());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        System.out.println("ready");
        in.readLine();
        for (int i = 0; i < OWN; i++)
        {
            list.forget(own(number, i), established);
            if (i % 10 == 0)
            {
                Instant before = established.minusMillis(OWN - i);
                log.append(LongStream.range(0, COMMON).<ForgetLogEntry>mapToObj(one -> new ForgetLogEntry.Forget(one, before)).toList());
                list.poll();
            }
        }
        System.out.println("done");
        in.readLine();
        list.poll();
        List<Long> missing = new ArrayList<>();
        for (int process = 0; process < processes; process++)
        {
            for (int i = 0; i < OWN; i++)
            {
                if (!list.isForgotten(own(process, i), established))
                {
                    missing.add(own(process, i));
                }
            }
        }
        // The new file forgets everyone before now, damage would too; what was forgotten one by one lies an hour ahead.
        boolean isTooMuch = list.isForgotten(-1, established.minus(Duration.ofMinutes(30)));
        System.out.println(missing + " " + list.problem().orElse("") + (isTooMuch ? " and everyone" : ""));
    }

    private static long own(int process, int number)
    {
        return 1_000_000L * (process + 1) + number;
    }
}

package io.github.tlsresumption.policy;

import java.net.InetAddress;
import java.net.UnknownHostException;

import io.github.tlsresumption.Trials;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class NetworkTest
{
    private static boolean contains(String network, String address)
    {
        return Network.parse(network).contains(Network.address(address).orElseThrow());
    }

    private static String refusal(String network)
    {
        return assertThrows(IllegalArgumentException.class, () -> Network.parse(network)).getMessage();
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0/0,         0.0.0.0,         255.255.255.255",
        "128.0.0.0/1,       128.0.0.0,       255.255.255.255",
        "10.0.0.0/7,        10.0.0.0,        11.255.255.255",
        "10.0.0.0/8,        10.0.0.0,        10.255.255.255",
        "10.128.0.0/9,      10.128.0.0,      10.255.255.255",
        "192.0.2.2/31,      192.0.2.2,       192.0.2.3",
        "192.0.2.2/32,      192.0.2.2,       192.0.2.2",
        "192.0.2.2,         192.0.2.2,       192.0.2.2",
        "::/0,              ::,              ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "8000::/1,          8000::,          ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db8::/32,     2001:db8::,      2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db8::2/127,   2001:db8::2,     2001:db8::3",
        "2001:db8::2/128,   2001:db8::2,     2001:db8::2",
        "2001:DB8::2,       2001:db8:0::2,   2001:db8:0:0:0:0:0:2"})
    void aNetworkBeginsAndEndsWhereItsPrefixSays(String network, String first, String last)
    {
        assertTrue(contains(network, first));
        assertTrue(contains(network, last));
    }

    @ParameterizedTest
    @CsvSource({
        "128.0.0.0/1, 127.255.255.255",
        "0.0.0.0/1, 128.0.0.0",
        "10.0.0.0/7, 9.255.255.255", "10.0.0.0/7, 12.0.0.0",
        "10.0.0.0/8, 9.255.255.255", "10.0.0.0/8, 11.0.0.0",
        "10.128.0.0/9, 10.127.255.255",
        "192.0.2.2/31, 192.0.2.1", "192.0.2.2/31, 192.0.2.4",
        "192.0.2.2/32, 192.0.2.1", "192.0.2.2, 192.0.2.3",
        "8000::/1, 7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db8::/32, 2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::/32, 2001:db9::",
        "2001:db8::2/127, 2001:db8::1", "2001:db8::2/127, 2001:db8::4",
        "2001:db8::2/128, 2001:db8::3",
        "0.0.0.0/0, ::", "::/0, 0.0.0.0", "::/0, ::ffff:192.0.2.1", "::7f00:1, 127.0.0.1"})
    void theAddressesBesideItAndOfTheOtherFamilyAreOutside(String network, String address)
    {
        assertFalse(contains(network, address));
    }

    @ParameterizedTest
    @ValueSource(strings = {"::ffff:10.1.2.3", "::FFFF:a01:203", "0:0:0:0:0:ffff:10.1.2.3"})
    void aMappedAddressIsTheIpv4Address(String mapped)
    {
        assertTrue(contains("10.0.0.0/8", mapped));
        assertTrue(contains(mapped, "10.1.2.3"));
    }

    @ParameterizedTest
    @CsvSource({"fe80::1%eth0,fe80::1", "fe80::1%2,fe80::1", "2001:db8:0:0:0:0:0:1%no/such device,2001:db8::1"})
    void theZoneOfAnAddressDoesNotCount(String zoned, String plain)
    {
        assertArrayEquals(Network.address(plain).orElseThrow(), Network.address(zoned).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ".", "...", "1", "10.1", "10.0.0", "10.0.0.0.0", "256.0.0.1", "010.0.0.1", "1.2.3.04", "0x7f.0.0.1",
        "1.2.3.4 ", "-1.2.3.4", "1.2.3.\u0664", ":", ":::", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "[::1]",
        "::1]", "::ffff:1.2.3.256", "localhost", "localhost:1", "a:b", "%", "%eth0", ":%", "fe80::1/64"})
    void whatIsNoAddressIsNoAddressAndNeverLookedUp(String text)
    {
        assertTrue(Network.address(text).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1/8,            10.0.0.0/8",
        "10.255.255.255/1,      0.0.0.0/1",
        "192.0.2.3/31,          192.0.2.2/31",
        "1.0.0.0/0,             0.0.0.0/0",
        "2001:db8::1/32,        2001:db8::/32",
        "2001:db8::3/127,       2001:db8::2/127",
        "::1/0,                 ::/0",
        "2001:db8:1:2:3::/64,   2001:db8:1:2::/64"})
    void bitsBeyondThePrefixAreRefusedWithTheRightNetwork(String network, String right)
    {
        assertTrue(refusal(network).contains("use " + right + ","), refusal(network));
        assertEquals(right, Network.parse(right).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0",
        "10.0.0.0/99999999999", "::/129", "::/", "::/1000", "10.0.0.0/ 8"})
    void aPrefixThatTheAddressDoesNotHaveIsRefused(String network)
    {
        assertTrue(refusal(network).contains(network.startsWith(":") ? "from 0 to 128" : "from 0 to 32"), refusal(network));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "/8", "ten", "localhost/8", "10.0.0/8", "fe80::%eth0/64", "fe80::1%eth0", "[::1]/128", "example.com"})
    void whatIsNoNetworkIsRefusedWithAnExample(String network)
    {
        assertTrue(refusal(network).contains("such as 10.0.0.0/8 or 2001:db8::/32"), refusal(network));
    }

    @Test
    void aMappedNetworkIsRefusedSinceItsPrefixIsThatOfAnotherFamily()
    {
        assertTrue(refusal("::ffff:10.0.0.0/104").contains("write it as such"));
        assertTrue(refusal("::ffff:10.0.0.0/8").contains("write it as such"));
    }

    @Test
    void everyAddressReadsAsTheJdkReadsIt()
    {
        Trials.run(500, random ->
        {
            byte[] bytes = Trials.bytes(random, random.nextBoolean() ? 4 : 16);
            // Runs of zeros, too.
            for (int i = random.nextInt(8); i < bytes.length - random.nextInt(8); i++)
            {
                bytes[i] = 0;
            }
            InetAddress address = inetAddress(bytes);
            String text = address.getHostAddress();
            assertArrayEquals(address.getAddress(), Network.address(text).orElseThrow());
            String shown = Network.parse(text).toString();
            assertTrue(contains(shown, text), shown);
        });
    }

    @Test
    void aPrefixComparesExactlyItsBits()
    {
        Trials.run(500, random ->
        {
            byte[] bytes = Trials.bytes(random, 16);
            bytes[0] |= 1;
            int prefix = random.nextInt(129);
            byte[] first = bytes.clone();
            for (int bit = prefix; bit < 128; bit++)
            {
                first[bit / 8] &= (byte)~(0x80 >> bit % 8);
            }
            Network network = Network.parse(inetAddress(first).getHostAddress() + "/" + prefix);
            int flipped = random.nextInt(128);
            byte[] other = bytes.clone();
            other[flipped / 8] ^= (byte)(0x80 >> flipped % 8);
            assertTrue(network.contains(bytes));
            assertEquals(flipped >= prefix, network.contains(other), () -> network + " and bit " + flipped);
        });
    }

    private static InetAddress inetAddress(byte[] address)
    {
        try
        {
            return InetAddress.getByAddress(address);
        }
        catch (UnknownHostException e)
        {
            throw new AssertionError(e);
        }
    }
}

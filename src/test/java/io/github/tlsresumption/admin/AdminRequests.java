package io.github.tlsresumption.admin;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Requests to the admin server.
 */
final class AdminRequests
{
    private AdminRequests()
    {
    }

    static HttpRequest.Builder to(AdminServer admin, String host, String path)
    {
        return HttpRequest.newBuilder(URI.create("http://" + host + ":" + admin.getLocalPort() + path));
    }

    static HttpRequest.Builder authenticated(HttpRequest.Builder request, String password)
    {
        byte[] credentials = ("admin:" + password).getBytes(StandardCharsets.UTF_8);
        return request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
    }

    /**
     * @return a request that changes something, if it is allowed to, of a scope that is not there
     */
    static HttpRequest change(HttpRequest.Builder request)
    {
        return request.header("X-Tls-Resumption", "1").POST(BodyPublishers.ofString("{\"scope\":\"none\"}")).build();
    }

    /**
     * @return an address of this machine that others could reach
     */
    static String ownAddress() throws IOException
    {
        Optional<String> address = NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(candidate -> candidate instanceof Inet4Address && !candidate.isLoopbackAddress())
            .map(InetAddress::getHostAddress)
            .findFirst();
        assumeTrue(address.isPresent(), "this machine has a loopback interface only");
        return address.get();
    }
}

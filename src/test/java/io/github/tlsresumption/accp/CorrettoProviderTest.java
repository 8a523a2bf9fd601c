package io.github.tlsresumption.accp;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

@ExtendWith(WithNativeCryptography.class)
class CorrettoProviderTest
{
    private static final String NATIVE = WithNativeCryptography.CORRETTO;
    private static final String AES_GCM = "AES/GCM/NoPadding";

    private final Provider provider = Security.getProvider(NATIVE);
    private final SecretKey key = new SecretKeySpec(new byte[32], "AES");

    private static final class Opaque implements SecretKey
    {
        private static final long serialVersionUID = 1L;

        @Override
        public String getAlgorithm()
        {
            return "AES";
        }

        @Override
        public String getFormat()
        {
            return null;
        }

        @Override
        public byte[] getEncoded()
        {
            return null;
        }
    }

    @Test
    void publicKeysAndCiphersAreNative() throws Exception
    {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate());
        byte[] signed = signature.sign();
        signature.initVerify(pair.getPublic());
        assertTrue(signature.verify(signed));
        Cipher cipher = Cipher.getInstance(AES_GCM);
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, new byte[12]));
        assertEquals(List.of(NATIVE, NATIVE, NATIVE),
            List.of(generator.getProvider().getName(), signature.getProvider().getName(), cipher.getProvider().getName()));
    }

    @Test
    void digestsAndMacsAreTheJdks() throws Exception
    {
        Mac mac = Mac.getInstance("HmacSHA384");
        mac.init(key);
        assertEquals(List.of("SUN", "SunJCE"),
            List.of(MessageDigest.getInstance("SHA-384").getProvider().getName(), mac.getProvider().getName()));
        assertNull(provider.getService("MessageDigest", "SHA-384"));
        assertTrue(provider.getServices().stream().noneMatch(service -> service.getType().equals("Mac")));
    }

    @Test
    void aKeyWithoutEncodingIsRefusedBeforeACipherIsMade()
    {
        Provider.Service service = provider.getService("Cipher", AES_GCM);
        assertFalse(service.supportsParameter(new Opaque()));
        assertTrue(service.supportsParameter(key));
    }

    @Test
    void allElseOfTheOtherOneIsThereWithItsNamesAndAttributes() throws Exception
    {
        Provider other = AmazonCorrettoCryptoProvider.INSTANCE;
        Set<String> expected = new TreeSet<>();
        for (Provider.Service service : other.getServices())
        {
            String name = service.getType() + "." + service.getAlgorithm();
            Provider.Service ours = provider.getService(service.getType(), service.getAlgorithm());
            if (CorrettoProvider.isLeftToTheJdk(service))
            {
                assertNull(ours, name);
                continue;
            }
            expected.add(name);
            assertSame(provider, ours.getProvider(), name);
            for (String attribute : List.of("SupportedModes", "SupportedKeyClasses", "ThreadSafe"))
            {
                assertEquals(service.getAttribute(attribute), ours.getAttribute(attribute), name);
            }
        }
        assertEquals(expected, provider.getServices().stream().map(service -> service.getType() + "." + service.getAlgorithm())
            .collect(Collectors.toCollection(TreeSet::new)));
        other.forEach((alias, algorithm) ->
        {
            String[] words = alias.toString().split("\\.", 4);
            if (alias.toString().startsWith("Alg.Alias.") && !words[2].equals("Mac") && !words[2].equals("MessageDigest"))
            {
                assertSame(provider.getService(words[2], algorithm.toString()), provider.getService(words[2], words[3]), alias::toString);
            }
        });
        assertTrue(List.of(Security.getProviders("Signature.SHA256withECDSA")).contains(provider));
    }

    @Test
    void randomNumbersAreNative()
    {
        assertEquals(NATIVE, new SecureRandom().getProvider().getName());
    }

    @Test
    void whatApplicationsCallAesIsTheJdks() throws Exception
    {
        for (String name : List.of("AES", "AES/ECB/PKCS5Padding", "AES/CBC/PKCS5Padding", "AES/CTR/NoPadding"))
        {
            Cipher cipher = Cipher.getInstance(name);
            cipher.init(Cipher.ENCRYPT_MODE, key);
            byte[] secret = cipher.doFinal(new byte[5]);
            Cipher jdk = Cipher.getInstance(name, "SunJCE");
            jdk.init(Cipher.DECRYPT_MODE, key, cipher.getParameters());
            assertArrayEquals(new byte[5], jdk.doFinal(secret), name);
            assertEquals("SunJCE", cipher.getProvider().getName(), name);
        }
    }
}

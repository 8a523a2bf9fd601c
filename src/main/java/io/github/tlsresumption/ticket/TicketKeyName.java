package io.github.tlsresumption.ticket;

import java.nio.ByteBuffer;
import java.util.OptionalLong;

import io.github.tlsresumption.crypto.Random;

/**
 * The name of a ticket's keys in front of a ticket that an engine seals by itself (RFC 5077 section 4, {@code key_name}). Pure functions,
 * safe for use by many threads.
 */
public final class TicketKeyName
{
    /*
     *   version 1 (= 2) | key id 8 | random 7
     *
     * The envelope's version is 1: neither is taken for the other.
     */

    /**
     * Length of a name.
     */
    public static final int BYTES = 16;

    private static final byte VERSION = 2;

    private TicketKeyName()
    {
    }

    /**
     * @param keyId the id of a key of the ring
     * @return a new name
     */
    public static byte[] of(long keyId)
    {
        return ByteBuffer.allocate(BYTES).put(VERSION).putLong(keyId).put(Random.bytes(BYTES - 1 - Long.BYTES)).array();
    }

    /**
     * @param name any bytes
     * @return the id of the key that it names, or nothing when it is no name of ours
     */
    public static OptionalLong keyId(byte[] name)
    {
        return name.length == BYTES && name[0] == VERSION ? OptionalLong.of(ByteBuffer.wrap(name).getLong(1)) : OptionalLong.empty();
    }
}

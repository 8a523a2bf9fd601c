package io.github.tlsresumption.files;

import java.io.IOException;

/**
 * A file must not be used until an operator fixes it. The message names the file and the fix. Nothing was changed.
 */
public final class FileRefusedException extends IOException
{
    private static final long serialVersionUID = 1L;

    /**
     * @param message names the file and the fix
     */
    public FileRefusedException(String message)
    {
        super(message);
    }
}

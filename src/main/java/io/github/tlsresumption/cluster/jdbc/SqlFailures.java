package io.github.tlsresumption.cluster.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.tlsresumption.files.LibraryMismatch;

/**
 * What drivers and pools throw, without passwords: some of them quote the URL, which may hold one. Immutable.
 */
final class SqlFailures
{
    private static final String HIDDEN = "***";
    private static final Pattern SETTING =
        Pattern.compile("(?i)([\\w.-]*(?:password|passwd|passphrase|pwd|secret)[\\w.-]*\\s*=\\s*)(\"[^\"]*\"|'[^']*'|[^&;,\\s]+)");
    private static final Pattern USER_INFO = Pattern.compile("(jdbc:\\w+:|//)\\S*@");
    /** Shorter ones would be found everywhere in a text. */
    private static final int SHORTEST_SECRET = 4;
    private static final int DEEPEST = 8;
    private static final int MARIADB_UNKNOWN_DATABASE = 1049;
    /** PostgreSQL: read_only_sql_transaction. */
    private static final String READ_ONLY_STATE = "25006";
    /** MariaDB: the option --read-only. */
    private static final int READ_ONLY_CODE = 1290;

    private static final String H2_ADMIN_RIGHTS_REQUIRED = "90040";
    private static final String H2_NOT_ENOUGH_RIGHTS = "90096";

    private final List<String> secrets;

    private SqlFailures(List<String> secrets)
    {
        this.secrets = List.copyOf(secrets);
    }

    /**
     * @param url of the database, which may hold passwords; empty when it is not known
     * @param password of the database; may be null
     * @return shows neither
     */
    static SqlFailures hiding(String url, String password)
    {
        List<String> secrets = new ArrayList<>();
        Matcher setting = SETTING.matcher(url);
        while (setting.find())
        {
            secrets.add(setting.group(2));
        }
        if (password != null)
        {
            secrets.add(password);
        }
        secrets.removeIf(secret -> secret.length() < SHORTEST_SECRET);
        return new SqlFailures(secrets);
    }

    /**
     * @param url a JDBC URL
     * @return where it leads to, without user, password and settings
     */
    static String withoutSecrets(String url)
    {
        if (url.indexOf('@') >= 0)
        {
            // Where a user is named, nothing tells for every driver where its password ends.
            return url.replaceAll("^(jdbc:\\w+).*", "$1").replaceAll("^(?!jdbc:\\w+$).*", "jdbc");
        }
        return url.replaceAll("[?&;].*", "");
    }

    /**
     * @param failure from a driver or a pool
     * @return the same without passwords and causes, except an error of the JVM about classes, which {@link #needsOperator} looks for; its
     * state is the first known one
     */
    SQLException clean(Throwable failure)
    {
        Optional<Error> mismatch = LibraryMismatch.find(failure);
        if (mismatch.isPresent())
        {
            return new SQLException(LibraryMismatch.explain(failure).map(this::hide).orElseThrow(), mismatch.get());
        }
        StringBuilder text = new StringBuilder();
        String state = null;
        int code = 0;
        Throwable link = failure;
        for (int depth = 0; link != null && depth < DEEPEST; depth++)
        {
            String message = link.getMessage() == null ? link.getClass().getName() : link.getMessage();
            if (text.indexOf(message) < 0)
            {
                text.append(text.isEmpty() ? "" : ": ").append(message);
            }
            if (state == null && link instanceof SQLException x && x.getSQLState() != null)
            {
                state = x.getSQLState();
                code = x.getErrorCode();
            }
            link = link.getCause();
        }
        SQLException clean = new SQLException(hide(text.toString()), state, code);
        clean.setStackTrace(failure.getStackTrace());
        return clean;
    }

    private String hide(String text)
    {
        String hidden = text;
        for (String secret : secrets)
        {
            hidden = hidden.replace(secret, HIDDEN);
        }
        hidden = SETTING.matcher(hidden).replaceAll("$1" + HIDDEN);
        return USER_INFO.matcher(hidden).replaceAll("$1" + HIDDEN + "@");
    }

    /**
     * @return whether another writer came first, so that to try again helps (SQLSTATE 23 and 40)
     */
    static boolean isRace(SQLException failure)
    {
        return isOfClass(failure, "23") || isOfClass(failure, "40");
    }

    /**
     * @return whether the connection is of no use any more (SQLSTATE 08)
     */
    static boolean isDisconnected(SQLException failure)
    {
        return isOfClass(failure, "08");
    }

    /**
     * @return whether the server only reads
     */
    static boolean isReadOnly(SQLException failure)
    {
        return READ_ONLY_STATE.equals(failure.getSQLState()) || failure.getErrorCode() == READ_ONLY_CODE;
    }

    /**
     * @return whether a table may be missing (SQLSTATE 42)
     */
    static boolean isUnknownName(SQLException failure)
    {
        return isOfClass(failure, "42");
    }

    /**
     * @return whether an operator must do something: no such user, password, database, schema, table or privilege (SQLSTATE
     * 28, 3D, 3F and 42; H2 has states of its own for privileges), or libraries that do not fit together
     */
    static boolean needsOperator(SQLException failure)
    {
        return LibraryMismatch.find(failure).isPresent()
            || isOfClass(failure, "28") || isOfClass(failure, "3D") || isOfClass(failure, "3F") || isUnknownName(failure)
            || H2_NOT_ENOUGH_RIGHTS.equals(failure.getSQLState()) || needsAdministrator(failure);
    }

    /**
     * @return whether only an administrator of the database may do that, which is H2's
     */
    static boolean needsAdministrator(SQLException failure)
    {
        return H2_ADMIN_RIGHTS_REQUIRED.equals(failure.getSQLState());
    }

    /**
     * @return whether user or password is not accepted (SQLSTATE 28)
     */
    static boolean isWrongLogin(SQLException failure)
    {
        return isOfClass(failure, "28");
    }

    /**
     * @return whether there is no such database (SQLSTATE 3D; MariaDB has a code for it)
     */
    static boolean isUnknownDatabase(SQLException failure)
    {
        return isOfClass(failure, "3D") || isUnknownName(failure) && failure.getErrorCode() == MARIADB_UNKNOWN_DATABASE;
    }

    private static boolean isOfClass(SQLException failure, String stateClass)
    {
        return failure.getSQLState() != null && failure.getSQLState().startsWith(stateClass);
    }
}

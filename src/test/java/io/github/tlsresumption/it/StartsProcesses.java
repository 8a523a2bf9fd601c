package io.github.tlsresumption.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a test class that starts processes: servers, clients or other JVMs. Such a class runs in {@code mvn verify} and not in
 * {@code mvn test}, which starts none. {@code ProcessTagTest} finds classes that lack this.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("process")
@ExtendWith(NoProcessLeft.class)
public @interface StartsProcesses
{
}

package io.github.tlsresumption.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Tag;

/**
 * Marks a class of tests whose subject is not TLS: stores, files, pages. The gate runs it on one JDK, all others on each.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("any-jdk")
public @interface OnAnyJdk
{
}

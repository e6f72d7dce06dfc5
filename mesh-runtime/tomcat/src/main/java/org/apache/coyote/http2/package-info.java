/**
 * What Tomcat hides and the mesh needs, nothing else. The package is Tomcat's, so only our class in
 * it is marked for null checks.
 */
package org.apache.coyote.http2;

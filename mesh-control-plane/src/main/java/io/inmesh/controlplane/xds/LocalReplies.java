package io.inmesh.controlplane.xds;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.inmesh.controlplane.config.HttpRule;

/** Answers that the client side gives by itself. */
final class LocalReplies {
  private LocalReplies() {}

  static RedirectAction redirect(HttpRule.Redirect redirect, int requestPort) {
    RedirectAction.Builder action =
        RedirectAction.newBuilder()
            .setPathRedirect(redirect.uri())
            .setHostRedirect(redirect.authority())
            .setResponseCode(
                switch (redirect.code()) {
                  case 302 -> RedirectAction.RedirectResponseCode.FOUND;
                  case 303 -> RedirectAction.RedirectResponseCode.SEE_OTHER;
                  case 307 -> RedirectAction.RedirectResponseCode.TEMPORARY_REDIRECT;
                  case 308 -> RedirectAction.RedirectResponseCode.PERMANENT_REDIRECT;
                  default -> RedirectAction.RedirectResponseCode.MOVED_PERMANENTLY;
                });
    if (!redirect.scheme().isEmpty()) {
      action.setSchemeRedirect(redirect.scheme());
    }
    if (redirect.port() != 0) {
      action.setPortRedirect(redirect.port() < 0 ? requestPort : redirect.port());
    }
    return action.build();
  }

  static DirectResponseAction directResponse(HttpRule.DirectResponse response) {
    DirectResponseAction.Builder action =
        DirectResponseAction.newBuilder().setStatus(response.status());
    byte[] bytes = response.bytes();
    if (bytes != null) {
      action.setBody(DataSource.newBuilder().setInlineBytes(ByteString.copyFrom(bytes)));
    } else if (response.text() != null) {
      action.setBody(DataSource.newBuilder().setInlineString(response.text()));
    }
    return action.build();
  }

  static RuntimeFractionalPercent fraction(double percent) {
    return RuntimeFractionalPercent.newBuilder()
        .setDefaultValue(
            percent == 100
                ? FractionalPercent.newBuilder().setNumerator(100).build()
                : millionths(percent))
        .build();
  }

  static FractionalPercent millionths(double percent) {
    return FractionalPercent.newBuilder()
        .setNumerator((int) Math.round(percent * 10_000))
        .setDenominator(FractionalPercent.DenominatorType.MILLION)
        .build();
  }
}

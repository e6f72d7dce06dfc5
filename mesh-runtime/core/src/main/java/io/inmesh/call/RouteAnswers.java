package io.inmesh.call;

import io.inmesh.config.NotYet;
import io.inmesh.config.Route;
import io.inmesh.config.RouteAction;
import io.inmesh.filter.LocalReply;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;

/** Routes that answer by themselves: direct responses, redirects, and what is not enforced here. */
final class RouteAnswers {
  private RouteAnswers() {}

  static void answer(BaseCall call, Route route) {
    RouteAction action = route.action();
    if (action instanceof RouteAction.DirectResponse direct) {
      Headers headers = new Headers(4);
      if (direct.status() == 201 || direct.status() / 100 == 3) {
        RequestHead asked = call.request();
        headers.set("location", asked.forwardedScheme() + "://" + asked.authority() + asked.path());
      }
      route.responseEdits().apply(headers, call);
      call.answer(
          new LocalReply(direct.status(), direct.body(), "direct_response", null, headers, -1));
    } else if (action instanceof RouteAction.Redirect redirect) {
      Headers headers = new Headers(4);
      headers.set("location", redirect.location().location(call.request()));
      route.responseEdits().apply(headers, call);
      call.answer(new LocalReply(redirect.status(), "", "direct_response", null, headers, -1));
    } else if (action instanceof RouteAction.Unsupported unsupported) {
      refuse(call, unsupported.why());
    } else {
      throw new IllegalStateException("route " + route.place() + " does not answer: " + action);
    }
  }

  static void refuse(BaseCall call, NotYet why) {
    call.policy(why.field());
    call.answer(LocalReply.notEnforced(why));
  }
}

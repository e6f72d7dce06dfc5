package io.inmesh.examples.quickstart;

import io.inmesh.Mesh;
import io.inmesh.controlplane.ControlPlaneMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One process of the demonstration. Each ends when its standard input does, so that none outlives
 * the demonstration, whatever becomes of that. Where its mesh is, it finds in its environment
 * ({@code INMESH_...}).
 */
public final class Workload {
  private Workload() {}

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "control-plane" -> {
        endWithInput();
        ControlPlaneMain.main(Arrays.copyOfRange(arguments, 1, arguments.length));
      }
      case "reviews" -> {
        endWithInput();
        Mesh mesh = Mesh.start();
        Reviews reviews = new Reviews(arguments[2], arguments[1]);
        Reviews.serve(mesh, Integer.parseInt(arguments[3]), arguments[4], reviews);
        System.out.println("ready");
      }
      default -> {
        Mesh mesh = Mesh.start();
        System.out.println("ready");
        obey(mesh, new Storefront(mesh));
        mesh.close();
        Runtime.getRuntime().halt(0);
      }
    }
  }

  private static BufferedReader input() {
    return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  }

  private static void endWithInput() {
    Thread thread =
        new Thread(
            () -> {
              try (BufferedReader in = input()) {
                while (in.readLine() != null) {
                  // nobody says anything
                }
              } catch (IOException e) {
                // the same
              }
              Runtime.getRuntime().halt(0);
            },
            "end-with-input");
    thread.setDaemon(true);
    thread.start();
  }

  /** What the demonstration asks a caller to do, until it says no more. */
  private static void obey(Mesh mesh, Storefront storefront)
      throws IOException, InterruptedException {
    Load load = new Load(storefront);
    BufferedReader in = input();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "call" -> System.out.println(call(storefront));
        case "load" -> load.start();
        case "measure" -> {
          System.out.println(load.window("before"));
          load.awaitStarted(Integer.parseInt(words[1]));
          System.out.println(load.window("window"));
        }
        case "window" -> System.out.println(load.window("window"));
        case "version" -> System.out.println("version now=" + mesh.status().configurationVersion());
        case "await" -> {
          load.awaitAnswer(words[1]);
          System.out.println("answered instance=" + words[1]);
        }
        default -> System.out.println("unknown");
      }
    }
  }

  private static String call(Storefront storefront) {
    try {
      Review review = storefront.review();
      return "call status="
          + review.status()
          + " server="
          + review.server()
          + " body="
          + review.body().replace(' ', '_')
          + (review.good() ? " " + review.body() : "");
    } catch (IOException e) {
      return "call status=0 body=" + e.toString().replaceAll("\\s", "_");
    }
  }
}

package io.inmesh.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpiffeIdTest {
  @Test
  void anIstioNameHasItsParts() {
    SpiffeId id = SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/storefront");

    assertThat(id.trustDomain()).isEqualTo("cluster.local");
    assertThat(id.namespace()).contains("shop");
    assertThat(id.serviceAccount()).contains("storefront");
    assertThat(id.principal()).isEqualTo("cluster.local/ns/shop/sa/storefront");
    assertThat(id).isEqualTo(SpiffeId.istio("cluster.local", "shop", "storefront"));
    assertThat(id).hasToString("spiffe://cluster.local/ns/shop/sa/storefront");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://td",
        "spiffe://td/a",
        "spiffe://td_1.x-y/A.b_c-d/...",
        "spiffe://td/ns/x/sa/y/z"
      })
  void otherNamesAreNamesWithoutIstiosParts(String uri) {
    assertThat(SpiffeId.parse(uri).uri()).isEqualTo(uri);
    assertThat(SpiffeId.parse(uri).namespace()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "spiffe:/td",
        "https://td/x",
        "spiffe://",
        "spiffe:///x",
        "spiffe://TD/x",
        "SPIFFE://td/x",
        "spiffe://td:8080/x",
        "spiffe://user@td/x",
        "spiffe://td/",
        "spiffe://td/x/",
        "spiffe://td//x",
        "spiffe://td/./x",
        "spiffe://td/../x",
        "spiffe://td/x?q",
        "spiffe://td/x#f",
        "spiffe://td/%41",
        "spiffe://td/ü",
        "spiffe://td/x\u0000"
      })
  void whatTheSpecificationForbidsIsRefused(String uri) {
    assertThatThrownBy(() -> SpiffeId.parse(uri)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void lengthsAreLimited() {
    assertThatThrownBy(() -> SpiffeId.parse("spiffe://td/" + "x".repeat(2048)))
        .hasMessageContaining("2048");
    assertThatThrownBy(() -> SpiffeId.parse("spiffe://" + "t".repeat(256)))
        .hasMessageContaining("255");
  }

  @Test
  void aCertificateHasItsName() {
    TestPki pki = TestPki.create();
    assertThat(SpiffeId.of(pki.leaf("spiffe://td/ns/a/sa/b").certificate()))
        .isEqualTo(SpiffeId.istio("td", "a", "b"));
    assertThatThrownBy(() -> SpiffeId.of(pki.root())).hasMessageContaining("exactly one URI");
  }
}

package io.inmesh.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 10.1.2.3, 32, true",
    "10.1.2.3, 10.1.2.4, 32, false",
    "10.1.2.3, 10.0.0.0, 8, true",
    "11.1.2.3, 10.0.0.0, 8, false",
    "10.1.2.3, 0.0.0.0, 0, true",
    "255.255.255.255, 255.255.255.254, 31, true",
    "::ffff:10.1.2.3, 10.0.0.0, 8, true",
    "0:0:0:0:0:ffff:a01:203, 10.0.0.0, 8, true",
    "10.1.2.3, ::ffff:10.0.0.0, 104, false",
    "10.1.2.3, ::, 0, false",
    "::1, 0.0.0.0, 0, false",
    "::1, ::1, 128, true",
    "2001:db8::1, 2001:db8::, 32, true",
    "2001:DB8:0:0:0:0:0:1, 2001:db8::, 126, true",
    "2001:db8::5, 2001:db8::, 126, false",
    "2001:db8:8000::, 2001:db8::, 33, false",
    "::10.1.2.3, ::a01:203, 128, true"
  })
  void a_range_holds_what_is_in_it(String address, String base, int prefix, boolean held) {
    assertThat(Cidr.of(base, prefix).contains(IpAddress.parse(address))).isEqualTo(held);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "01.2.3.4",
        "1.2.3.4 ",
        "a.b.c.d",
        "localhost",
        ":",
        ":::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "::12345",
        "fe80::1%eth0",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::1.2.3",
        "[::1]",
        "1:2:3:4:5:6:7:8::",
        "::g",
        "1:"
      })
  void what_is_no_address_is_refused(String text) {
    assertThat(IpAddress.parse(text)).isNull();
    assertThatThrownBy(() -> Cidr.of(text, 0)).hasMessageContaining("is not an IP address");
  }

  @ParameterizedTest
  @CsvSource({"10.0.0.0, 33", "10.0.0.0, -1", "::, 129"})
  void a_prefix_longer_than_the_address_is_refused(String base, int prefix) {
    assertThatThrownBy(() -> Cidr.of(base, prefix)).hasMessageContaining("prefix length");
  }

  @Property(tries = 500)
  void every_address_the_jdk_writes_is_read_as_the_same(
      @ForAll @Size(16) byte[] bytes, @ForAll @IntRange(min = 0, max = 14) int zeros)
      throws UnknownHostException {
    for (int i = 0; i < zeros; i++) {
      bytes[i] = 0;
    }
    InetAddress address = InetAddress.getByAddress(bytes);
    assertThat(IpAddress.parse(address.getHostAddress())).isEqualTo(IpAddress.of(address));
  }
}

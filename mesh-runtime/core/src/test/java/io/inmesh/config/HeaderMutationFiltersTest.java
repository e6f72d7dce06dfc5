package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderMutationFiltersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'queryParameterMutations': [{'remove': 'q'}] | query_parameter_mutations",
        "'responseTrailersMutations': [{'remove': 'q'}] | response_trailers_mutations",
        "'requestTrailersMutations': [{'remove': 'q'}] | request_trailers_mutations",
        "'requestMutations': [{'removeOnMatch': {}}] | request_mutations[0].remove_on_match",
        "'requestMutations': [{'remove': ':path'}] | request_mutations[0].remove",
        "'requestMutations': [{'append': {'header': {'key': 'Host', 'value': 'a'}}}] |"
            + " request_mutations[0].append.header.key",
      })
  void whatIsNotDoneIsNamedAndIsNoMatterOfSecurity(String mutations, String field) {
    assertThat(FilterTestKit.headerMutation("{'mutations': {" + mutations + "}}"))
        .isInstanceOfSatisfying(
            UnsupportedFilter.class,
            unsupported -> {
              assertThat(unsupported.why().field()).endsWith("HeaderMutation.mutations." + field);
              assertThat(unsupported.why().security()).isFalse();
            });
  }

  @Test
  void whatEnvoyRefusesIsRefusedWithItsPlace() {
    assertThatThrownBy(
            () ->
                FilterTestKit.headerMutation(
                    "{'mutations': {'responseMutations': [{'remove': 'a b'}]}}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("typed_config.mutations.response_mutations[0].remove");
  }

  @Test
  void theFilterThatIstiodSentIsCompiled() {
    Replay mesh = Replay.of("istio/11-envoyfilter", "storefront-a", 99);
    assertThat(mesh.notYet()).noneMatch(why -> why.field().contains("header_mutation"));
  }
}

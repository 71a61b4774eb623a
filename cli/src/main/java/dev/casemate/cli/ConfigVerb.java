package dev.casemate.cli;

import dev.casemate.host.configuration.ConfigurationFile;

/** {@code config}: each setting with its value and where it comes from. */
final class ConfigVerb implements Action {
  @Override
  public int run(Invocation invocation) {
    TextTable table = new TextTable(8, 2);
    table.row("KEY", "VALUE", "ORIGIN");
    for (ConfigurationFile.Effective setting :
        ConfigurationFile.read(ConfigurationFile.INSTALLED).effective()) {
      table.row(setting.key().key(), setting.value(), setting.origin());
    }
    invocation.output().print(table.toString());
    return 0;
  }
}

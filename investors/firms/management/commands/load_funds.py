from incubator.common.sheets.command import LoadCommand
from investors.firms.loaders import FundLoader


class Command(LoadCommand):
    help = "Load funds of firms from a CSV or XLSX file."
    loader_class = FundLoader

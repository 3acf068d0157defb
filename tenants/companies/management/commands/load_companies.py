from incubator.common.sheets.command import LoadCommand
from tenants.companies.loaders import CompanyLoader


class Command(LoadCommand):
    help = "Load companies from a CSV or XLSX file."
    loader_class = CompanyLoader
